"""The assistant's fourth step on screen: the reference sale, watched while it happens."""

from typing import Any

import structlog
from celery import current_app
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from kombu.exceptions import OperationalError

from customers.bridge import reference
from customers.bridge.forms import ReferenceForm
from customers.bridge.models import PosSale, ReferenceSale
from customers.bridge.reference import ReferenceRefusedError
from customers.bridge.shown import expected
from customers.bridge.steps import Step
from customers.bridge.views.assistant import OneBridge, StepView, step_url
from smartbis_admin.ui.views import ActionView, FormView, Text

log = structlog.get_logger(__name__)
PULL_TASK = "customers.bridge.tasks.pull_feeds"
WORDS = {
    "not_there": _("A venda de teste ainda não chegou ao fim do caminho."),
    "incomplete": _("Confira e marque os três itens."),
}


class ValidationStepView(StepView, FormView):
    """Step 4: the way of one sale, and a person's word about customer, amount and benefit."""

    step = Step.VALIDATION
    form_class = ReferenceForm
    template_name = "bridge/assistant_validation.html"
    success_message = _("Venda de teste conferida.")

    @cached_property
    def reference(self) -> ReferenceSale | None:
        return reference.current(self.bridge)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        current = self.reference
        context: dict[str, Any] = {"reference": current}
        if current is not None:
            way = reference.hops(current)
            sale = current.sale
            arrived = reference.has_arrived(current)
            context |= {
                "hops": [{"hop": hop, "took": reference.shown_time(hop.took)} for hop in way],
                "total": reference.shown_time(reference.total(way)) if arrived else "",
                "watching": not current.confirmed_at and not arrived and reference.is_moving(current),
                "sale": sale,
                "candidates": [] if sale else reference.candidates(current),
                "arrived": arrived,
                "observes": reference.observes(current),
                "expected": expected(sale) if sale and arrived else None,
                "registered": getattr(sale.write, "sale", None) if sale else None,
            }
        return super().get_context_data(**context, **kwargs)

    def save(self, form: ReferenceForm) -> None:
        if self.reference is None:
            raise ValidationError(WORDS["not_there"])
        user: Any = self.request.user
        try:
            reference.confirm(reference=self.reference, looked_at=form.cleaned_data["looked_at"], by=user)
        except ReferenceRefusedError as error:
            raise ValidationError(WORDS[error.code]) from None


class ReferenceAct(OneBridge, ActionView):
    """Base of what is done about the reference sale."""

    abstract = True

    def get_success_url(self) -> str:
        return step_url(self.connection.pk, Step.VALIDATION)


class ReferenceStartView(ReferenceAct):
    """Begin, or begin again."""

    def perform(self) -> Text | None:
        reference.start(bridge=self.bridge, by=self.request.user)  # type: ignore[arg-type]
        return None


class ReferencePickView(ReferenceAct):
    """This is the sale."""

    def perform(self) -> Text | None:
        current = reference.current(self.bridge)
        if current is None:
            raise Http404
        sale = get_object_or_404(PosSale, pk=self.kwargs["sale"], bridge=self.bridge)
        reference.choose(reference=current, sale=sale)
        return None


class PullNowView(ReferenceAct):
    """Have SmartPOS read at once instead of at the next minute."""

    def perform(self) -> Text:
        try:
            current_app.send_task(PULL_TASK, expires=60, retry=False)
        except (OperationalError, OSError):
            # The feed is read every minute anyway.
            log.warning("doorbell_failed", bridge=self.bridge.pk, exc_info=True)
        return _("O SmartPOS está sendo lido. As vendas novas aparecem em instantes.")
