"""One sale in words for its page: what the machine told, what came later, and each step of its life.

Reads rows and makes texts; changes nothing.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.bridge.checks import circumstances_of
from customers.bridge.models import PosSale, Road
from customers.bridge.tables import LOOKS
from customers.bridge.transitions import Event
from customers.bridge.words import FLAGS, short_reason
from customers.rules.estimating import Expectation, expected_benefit
from smartbis_admin.api.brazil import mask_cpf, mask_email, mask_phone
from smartbis_admin.ui.formats import datetime_local, money, number

Text = str | Promise
State = PosSale.State
_EVENT_LOOKS = {
    Event.FLAGGED: ("warning", "flag"),
    Event.UNFLAGGED: ("neutral", "check"),
    Event.CHANGED: ("neutral", "refresh"),
    Event.LINKED: ("info", "link"),
    Event.NOT_SENT: ("neutral", "cloud-off"),
    Event.CANCELLED: ("danger", "arrow-back-up"),
}


def expected(sale: PosSale) -> Expectation | None:
    """What the rule says a sale should bring, an estimate; None without a programme or a rule for its day."""
    target = sale.connection or sale.bridge.target
    if target is None:
        return None
    found = expected_benefit(connection=target, circumstances=circumstances_of(sale))
    return found if found.version else None


class Line(NamedTuple):
    """One step of a sale's life as it is shown."""

    title: Text
    text: str
    at: datetime
    who: str
    tone: str
    icon: str


def told(sale: PosSale) -> list[tuple[Text, str]]:
    """What the machine said, beside the amount and the buyer."""
    method = sale.get_payment_method_display()
    if sale.installments > 1:
        method = _("%(method)s em %(n)s parcelas") % {"method": method, "n": number(sale.installments)}
    return [
        (_("Quando"), datetime_local(sale.sold_at)),
        (_("Situação na maquininha"), sale.get_status_display()),
        (_("Forma de pagamento"), method),
        (_("Maquininha"), str(sale.machine or sale.machine_remote_id)),
        (_("Loja"), str(sale.store or sale.store_remote_id)),
        (_("Adquirente"), sale.acquirer),
        (_("Série do terminal"), sale.terminal_serial),
        (_("NSU"), sale.nsu),
        (_("Código de autorização"), sale.authorization_code),
        (_("ID da venda"), sale.remote_id),
        (_("Origem"), sale.get_road_display()),
        (_("Recebida em"), datetime_local(sale.received_at)),
    ]


#: Column -> its label and how a stored value is shown; nothing personal whole.
_FIELDS: dict[str, tuple[Text, Any]] = {
    "amount": (gettext_lazy("Valor da venda"), lambda value: money(Decimal(value))),
    "sold_at": (gettext_lazy("Quando"), lambda value: datetime_local(datetime.fromisoformat(value))),
    "buyer_cpf": (gettext_lazy("CPF"), mask_cpf),
    "buyer_phone": (gettext_lazy("Telefone"), mask_phone),
    "buyer_email": (gettext_lazy("E-mail"), mask_email),
    "buyer_name": (gettext_lazy("Nome"), lambda value: value.partition(" ")[0]),
}


def beside(sale: PosSale) -> list[dict[str, str]]:
    """What came after the send and was not applied: the value that was sent, and the later one."""
    lines = []
    for name, later in (sale.later_content or {}).items():
        if name not in _FIELDS:
            continue
        label, show = _FIELDS[name]
        ours = getattr(sale, name)
        stored = ours.isoformat() if isinstance(ours, datetime) else str(ours)
        lines.append({"label": str(label), "ours": show(stored) if stored else "—", "theirs": show(later)})
    return lines


def events(sale: PosSale) -> list[Line]:
    """Every step, the newest first."""
    rows = sale.events.select_related("actor").order_by("-at", "-pk")
    return [_line(row) for row in rows]


def _line(row: Any) -> Line:
    event = Event(row.event)
    tone, icon = _EVENT_LOOKS.get(event) or LOOKS[State(row.to_state)]
    return Line(event.label, _detail(event, row.reason, row.note), row.at, _who(row.actor), tone, icon)


def _detail(event: Event, reason: str, note: str) -> str:
    """Why, and what the person wrote."""
    if event == Event.STORED:
        return str(Road(reason).label)
    if event in (Event.FLAGGED, Event.UNFLAGGED):
        return str(FLAGS.get(reason, reason))
    if event == Event.CHANGED:
        return changed_words(note)
    said = [short_reason(reason) if reason not in FLAGS else str(FLAGS[reason]), note]
    return " · ".join(text for text in said if text)


def changed_words(names: str) -> str:
    """The names of changed columns, as the log keeps them, in words."""
    words = {
        "amount": _("valor"),
        "customer": _("comprador"),
        "sold_at": _("data"),
        "payment_method": _("forma de pagamento"),
        "installments": _("parcelas"),
        "machine_remote_id": _("maquininha"),
        "store_remote_id": _("loja"),
        "nsu": _("NSU"),
        "authorization_code": _("código de autorização"),
        "acquirer": _("adquirente"),
        "terminal_serial": _("série do terminal"),
    }
    return ", ".join(words.get(name, name) for name in names.split(", ") if name)


def _who(actor: Any) -> str:
    return str(actor) if actor else ""
