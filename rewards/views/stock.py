"""Changing a stock, and saying from how many pieces on it is low."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.generic import RedirectView

from rewards.forms import LowStockForm, StockForm
from rewards.history import STOCK_REFUSALS
from rewards.models import Reward
from rewards.services import set_stock, warn_at
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.staff.access import Access
from smartbis_admin.sync.lists import known_at
from smartbis_admin.ui.formats import number
from smartbis_admin.ui.views import AccessMixin, Breadcrumbs, FormView, Text
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.screens import WriteFormView


def open_stock_writes(reward: Reward) -> QuerySet[Write]:
    """Changes of this reward's stock of which it is unknown whether they happened."""
    return Write.objects.filter(stock_change__reward=reward, state__in=Write.OPEN).select_related("actor")


class StockView(WriteFormView):
    """Change a reward's stock: the number the platform said, its age, and the new one beside it."""

    access = Access.CHANGE_STOCK
    form_class = StockForm
    template_name = "rewards/stock_form.html"
    title = _("Alterar estoque")
    submit_label = _("Alterar estoque")
    refusals = STOCK_REFUSALS
    #: (what the person saw, what it is now) when the two differ.
    conflict: tuple[int | None, int | None] | None = None

    @cached_property
    def reward(self) -> Reward:
        return get_object_or_404(Reward.objects.select_related("connection"), pk=self.kwargs["pk"])

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(_("Recompensas"), reverse("rewards:list")), (self.reward.name, self.get_success_url())]

    def get_initial(self) -> dict[str, Any]:
        return {"seen": self.reward.stock, "target": self.reward.stock}

    def get_success_url(self) -> str:
        return reverse("rewards:detail", args=[self.kwargs["pk"]])

    @property
    def cancel_url(self) -> str:
        return self.get_success_url()

    def get_open_writes(self) -> Iterable[Write]:
        return open_stock_writes(self.reward)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            reward=self.reward,
            stock=self.conflict[1] if self.conflict else self.reward.stock,
            known_at=known_at(self.reward, Resource.REWARDS),
            conflict=self.conflict,
            **kwargs,
        )

    def is_intent(self, write: Write, form: StockForm) -> bool:
        data = form.cleaned_data
        asked = {"reward_remote_id": self.reward.remote_id, "seen": data["seen"], "target": data["target"]}
        return (
            write.kind == "set_stock"
            and write.connection_id == self.reward.connection_id
            and write.payload == asked
        )

    def perform(self, form: StockForm) -> Write:
        data = form.cleaned_data
        self.change = set_stock(
            id=data["write_id"],
            reward=self.reward,
            seen=data["seen"],
            target=data["target"],
            actor=self.request.user,  # type: ignore[arg-type]
        )
        return self.change.write

    def get_done_message(self, write: Write) -> Text:
        target, after = self.change.target, self.change.after
        if after is None or after == target:
            return _("Estoque alterado para %(stock)s.") % {"stock": number(target)}
        return _("Estoque alterado. A plataforma já diz: %(stock)s.") % {"stock": number(after)}

    def declined(self, form: StockForm, write: Write) -> None:
        if write.code == "stock_changed":
            self.show_conflict(form, saw=self.change.before, now=self.change.after)
        super().declined(form, write)

    def form_invalid(self, form: StockForm) -> Any:
        del self.reward  # the mirror may have moved on since the form was opened
        now = self.reward.stock
        if "seen" in form.errors:
            form.renew(seen=as_seen(now))
        elif self.conflict is None and form.cleaned_data["seen"] != now:
            self.show_conflict(form, saw=form.cleaned_data["seen"], now=now)
        return super().form_invalid(form)

    def show_conflict(self, form: StockForm, *, saw: int | None, now: int | None) -> None:
        """Let the person choose again, with the new number as what they have seen."""
        self.conflict = (saw, now)
        form.renew(seen=as_seen(now))


def as_seen(stock: int | None) -> str:
    """A stock as the form carries it."""
    return "" if stock is None else str(stock)


class LowStockView(FormView):
    """From how many pieces on this reward's stock is low: ours alone, nothing is sent."""

    access = Access.CHANGE_STOCK
    form_class = LowStockForm
    title = _("Aviso de estoque baixo")
    success_message = _("Aviso de estoque salvo.")

    @cached_property
    def reward(self) -> Reward:
        return get_object_or_404(Reward.objects.select_related("watch"), pk=self.kwargs["pk"])

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(_("Recompensas"), reverse("rewards:list")), (self.reward.name, self.get_success_url())]

    def get_initial(self) -> dict[str, Any]:
        watch = getattr(self.reward, "watch", None)
        return {"low_at": watch and watch.low_at}

    def get_success_url(self) -> str:
        return reverse("rewards:detail", args=[self.kwargs["pk"]])

    @property
    def cancel_url(self) -> str:
        return self.get_success_url()

    def save(self, form: LowStockForm) -> None:
        warn_at(reward=self.reward, low_at=form.cleaned_data["low_at"], by=self.request.user)  # type: ignore[arg-type]


class StockFileView(AccessMixin, RedirectView):
    """Many stocks from a file: one kind of import."""

    access = Access.CHANGE_STOCK
    pattern_name = "imports:upload"
    query_string = False

    def get_redirect_url(self, *args: Any, **kwargs: Any) -> str:
        return f"{reverse(self.pattern_name)}?kind=stock"
