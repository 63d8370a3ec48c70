"""The assistant's five steps, and how far each one is: facts read from the tables, never a tick alone.

The steps are the vendor's (`smartpos.md` §1). What a room above this one contributes (messages) it registers here,
because arrows point down only.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from customers.bridge.filters import with_standing
from customers.bridge.models import Bridge
from customers.rules.models import RuleVersion
from smartbis_admin.ui.formats import age, number

Text = str | Promise


class Step(StrEnum):
    """The steps in their order."""

    START = "start"
    BRIDGE = "bridge"
    RULES = "rules"
    VALIDATION = "validation"
    OPERATION = "operation"

    @property
    def number(self) -> int:
        return list(Step).index(self) + 1


LABELS: dict[Step, Text] = {
    Step.START: _("Reunir as maquininhas"),
    Step.BRIDGE: _("Autorizar a leitura"),
    Step.RULES: _("Definir a regra"),
    Step.VALIDATION: _("Fazer uma venda de teste"),
    Step.OPERATION: _("Ligar as mensagens"),
}


@dataclass(frozen=True)
class Check:
    """One thing a step needs: whether it is so now, what is known of it, and where to see to it."""

    label: Text
    done: bool
    text: Text = ""
    url: str = ""
    action: Text = ""
    #: Good to have; the step is done without it.
    optional: bool = False


@dataclass(frozen=True)
class Progress:
    """One step with its checks."""

    step: Step
    checks: list[Check] = field(default_factory=list)

    @property
    def number(self) -> int:
        return self.step.number

    @property
    def label(self) -> Text:
        return LABELS[self.step]

    @property
    def done(self) -> bool:
        needed = [check for check in self.checks if not check.optional]
        return bool(needed) and all(check.done for check in needed)


#: What the last step asks of rooms above this one.
_OPERATION: list[Callable[[Bridge], Check]] = []


def register_operation(check: Callable[[Bridge], Check]) -> None:
    """Let another room say whether it tells customers what they earned. Called at its start."""
    _OPERATION.append(check)


def progress(bridge: Bridge) -> list[Progress]:
    """All five steps as they stand now; about ten small queries."""
    return [
        Progress(Step.START, _start(bridge)),
        Progress(Step.BRIDGE, _bridge(bridge)),
        Progress(Step.RULES, _rules(bridge)),
        Progress(Step.VALIDATION, _validation(bridge)),
        Progress(Step.OPERATION, [check(bridge) for check in _OPERATION]),
    ]


def _start(bridge: Bridge) -> list[Check]:
    machines = with_standing(bridge.machines.all())
    count = machines.filter(standing="listed").count()
    homeless = machines.filter(standing="listed", store=None, mapped_store=None).count()
    text: Text = _("Depois da autorização, no passo 2, as maquininhas aparecem aqui.")
    if count:
        text = ngettext("%(n)s maquininha ativa.", "%(n)s maquininhas ativas.", count) % {"n": number(count)}
    elif bridge.machines_at:
        text = _("A lista do SmartPOS está vazia. Cadastre as maquininhas lá.")
    mapped: Text = ""
    if homeless:
        mapped = ngettext(
            "%(n)s maquininha ainda não tem loja: a venda vale, mas sem loja.",
            "%(n)s maquininhas ainda não têm loja: as vendas valem, mas sem loja.",
            homeless,
        ) % {"n": number(homeless)}
    return [
        Check(_("As maquininhas estão no SmartPOS"), count > 0, text),
        Check(
            _("Cada maquininha tem a sua loja"),
            count > 0 and not homeless,
            mapped,
            url=f"{reverse('bridge:machines')}?store=nobody",
            action=_("Escolher lojas"),
            optional=True,
        ),
    ]


def _bridge(bridge: Bridge) -> list[Check]:
    there = bridge.connection
    works = there.last_ok_at is not None and there.blocked_at is None
    received = bridge.last_event_at
    mode: Text = bridge.get_mode_display() if bridge.mode else _("Escolha abaixo. Não há resposta padrão.")
    return [
        Check(
            _("O SmartPOS aceita a nossa autorização"),
            works,
            _("Última resposta: %(age)s.") % {"age": age(there.last_ok_at)}
            if there.last_ok_at
            else _("Ainda não conferida."),
        ),
        Check(
            _("O programa dos clientes está escolhido"),
            bridge.target is not None,
            bridge.target.programme_name if bridge.target else "",
        ),
        Check(_("Está decidido quem registra as vendas"), bool(bridge.mode), mode),
        Check(
            _("Vendas chegam na hora"),
            bridge.pushed_at is not None,
            _("Última entrega: %(age)s.") % {"age": age(bridge.pushed_at)} if bridge.pushed_at else "",
            optional=True,
        ),
        Check(
            _("Alguma venda já chegou"),
            received is not None,
            _("Última venda: %(age)s.") % {"age": age(received)} if received else "",
            optional=True,
        ),
    ]


def _rules(bridge: Bridge) -> list[Check]:
    versions = RuleVersion.objects.filter(
        connection=bridge.target, cancelled_at=None, valid_from__lte=timezone.now()
    )
    in_force = bridge.target is not None and versions.exists()
    return [
        Check(
            _("Há uma regra em vigor para o programa"),
            in_force,
            url=reverse("rules:overview"),
            action=_("Abrir a regra"),
        )
    ]


def _validation(bridge: Bridge) -> list[Check]:
    confirmed = bridge.reference_sales.exclude(confirmed_at=None)
    if bridge.mode_at:
        # Who registers, or for which programme, was changed: what was seen before proves nothing.
        confirmed = confirmed.filter(confirmed_at__gte=bridge.mode_at)
    passed = confirmed.order_by("-confirmed_at").first()
    text: Text = ""
    if passed and passed.confirmed_at:
        text = _("Conferida %(age)s.") % {"age": age(passed.confirmed_at)}
    return [
        Check(
            _("Uma venda de teste chegou ao benefício, e uma pessoa conferiu cliente, valor e benefício"),
            passed is not None,
            text,
        )
    ]
