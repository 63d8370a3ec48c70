"""The rooms of rewards: the list as rows or cards, one reward with its stock, and the categories."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404
from django.urls import reverse, reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from rewards.filters import CARDS, CategoryFilter, RewardFilter
from rewards.forms import CategoryForm, StockForm
from rewards.models import Category, Reward, StockChange
from rewards.services import create_category, set_stock
from rewards.tables import CategoryTable, RewardTable
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.staff.access import Access
from smartbis_admin.sync.lists import MirrorListView, known_at
from smartbis_admin.ui.formats import number
from smartbis_admin.ui.navigation import Link
from smartbis_admin.ui.tables import Table
from smartbis_admin.ui.views import Breadcrumbs, DetailView, Text
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.screens import WriteFormView
from smartbis_admin.writes.tables import LOOKS

#: Rows of the short lists on a reward's page.
NEWEST = 20
#: Refusals of a change of stock: form field, sentence.
STOCK_REFUSALS = {
    "stock_changed": ("target", _("O estoque mudou na plataforma depois que você abriu esta página.")),
    "coupon_not_found": ("", _("A plataforma não encontrou esta recompensa. Nada foi alterado.")),
    "negative_stock": ("target", _("O estoque não pode ser negativo.")),
    "stock_too_large": ("target", _("A plataforma não aceita um estoque tão grande.")),
}


class RewardListView(MirrorListView):
    """Rewards as rows or, with `layout=cards`, as cards."""

    access = Access.SEE_REWARDS
    queryset = Reward.objects.select_related("category")
    table_class, filter_class = RewardTable, RewardFilter
    template_name = "rewards/list.html"
    resource = Resource.REWARDS
    empty_title = _("Nenhuma recompensa ainda")
    empty_text = _("As recompensas são criadas no painel da Smartbis e aparecem aqui depois de sincronizar.")

    def get_table(self, queryset: QuerySet[Reward]) -> Table:
        table = super().get_table(queryset)
        if self.request.GET.get("layout") == CARDS:
            table.template_name = "rewards/cards.html"
        return table


class RewardDetailView(DetailView):
    """One reward: what the platform says, the vouchers issued of it, and every change of its stock."""

    access = Access.SEE_REWARDS
    queryset = Reward.objects.select_related("connection", "category")
    template_name = "rewards/detail.html"

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(_("Recompensas"), reverse("rewards:list"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        reward: Reward = self.object
        newest = F("issued_at").desc(nulls_last=True)
        vouchers = reward.vouchers.select_related("customer").order_by(newest, "-pk")[:NEWEST]
        return super().get_context_data(
            known_at=known_at(reward, Resource.REWARDS),
            vouchers=list(vouchers),
            changes=[self.change_row(change) for change in self.get_changes()],
            open_writes=open_stock_writes(reward),
            **kwargs,
        )

    def get_changes(self) -> QuerySet[StockChange]:
        return self.object.stock_changes.select_related("write__actor").order_by("-pk")[:NEWEST]

    @staticmethod
    def change_row(change: StockChange) -> dict[str, Any]:
        """One row of the history; `after` is meaningful only where the platform said it."""
        write = change.write
        tone, icon = LOOKS[Write.State(write.state)]
        refused = write.state == Write.State.REFUSED
        known = STOCK_REFUSALS.get(write.code)
        return {
            "change": change,
            "tone": tone,
            "icon": icon,
            "after_known": write.state == Write.State.DONE or write.code == "stock_changed",
            "reason": (known[1] if known else write.message) if refused else "",
        }


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


class CategoryListView(MirrorListView):
    """Categories with the number of rewards in each."""

    access = Access.SEE_REWARDS
    queryset = Category.objects.annotate(
        reward_count=Coalesce(
            Subquery(
                Reward.objects.filter(
                    connection=OuterRef("connection"),
                    category_remote_id=OuterRef("remote_id"),
                    withdrawn_at=None,
                )
                .order_by()
                .values("category_remote_id")
                .annotate(n=Count("pk"))
                .values("n")
            ),
            0,
        )
    )
    table_class, filter_class = CategoryTable, CategoryFilter
    template_name = "rewards/category_list.html"
    resource = Resource.CATEGORIES
    actions = (Link(_("Criar categoria"), "plus", "rewards:category_create", Access.CHANGE_CATEGORIES),)
    empty_title = _("Nenhuma categoria ainda")
    empty_text = _("Crie a primeira categoria ou sincronize as que já existem na plataforma.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(open_writes=open_category_writes(), **kwargs)


def open_category_writes() -> QuerySet[Write]:
    """New categories of which it is unknown whether they were created."""
    return Write.objects.filter(kind="create_category", state__in=Write.OPEN).select_related("actor")


class CategoryCreateView(WriteFormView):
    """Create a category on the platform."""

    access = Access.CHANGE_CATEGORIES
    form_class = CategoryForm
    template_name = "rewards/category_form.html"
    title = _("Criar categoria")
    submit_label = _("Criar categoria")
    done_message = _("Categoria criada.")
    success_url = cancel_url = reverse_lazy("rewards:category_list")
    refusals = {
        "category_duplicate_name": ("name", _("Já existe uma categoria com este nome.")),
        "blank_name": ("name", _("Informe o nome da categoria.")),
        "name_too_long": ("name", _("A plataforma não aceita um nome tão longo.")),
    }

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(_("Categorias"), reverse("rewards:category_list"))]

    def get_open_writes(self) -> Iterable[Write]:
        return open_category_writes()

    def is_intent(self, write: Write, form: CategoryForm) -> bool:
        data = form.cleaned_data
        return (
            write.kind == "create_category"
            and write.connection_id == data["connection"].pk
            and write.payload == {"name": data["name"]}
        )

    def perform(self, form: CategoryForm) -> Write:
        data = form.cleaned_data
        return create_category(
            id=data["write_id"],
            connection=data["connection"],
            name=data["name"],
            actor=self.request.user,  # type: ignore[arg-type]
        )
