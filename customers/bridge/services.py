"""What people do about card machines' sales, each act on record with who and why. The life itself is `life.py`'s.

Nothing here waits for a platform but `create_customer_from`; what has to be sent, the worker sends.
"""

import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers.bridge import life, matching
from customers.bridge.checks import final_reason
from customers.bridge.life import Step
from customers.bridge.models import PosBuyer, PosReversal, PosSale
from customers.bridge.refusing import BridgeRefusedError
from customers.bridge.sending import follow
from customers.bridge.transitions import OVERRULABLE, Event
from customers.bridge.working import ring
from customers.models import Customer
from customers.services import create_customer
from smartbis_admin.staff.models import User
from smartbis_admin.staff.services import audit
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.settling import AlreadySettledError, settle_by_person

State = PosSale.State
#: What a reversal takes in the Smartbis panel, in order.
REVERSAL_STEPS: dict[str, str | Promise] = {
    "found": _("Encontrei a venda no painel da Smartbis"),
    "benefit_taken_back": _("Retirei o benefício que ela gerou, ou anotei por que não foi possível"),
    "customer_told": _("O cliente foi avisado, se o saldo dele mudou"),
}


# --- Whose sale it is ---------------------------------------------------------------------------------
def suggest(sale: PosSale) -> list[Customer]:
    """Customers a sale may be of, to propose: by its own data, also ambiguous ones, and by what SmartPOS knows
    of the buyer with its phone or e-mail. At most ten."""
    target = sale.bridge.target
    if target is None:
        return []
    alike = Q(pk__in=[])
    alike |= Q(phone=sale.buyer_phone) if sale.buyer_phone else Q(pk__in=[])
    alike |= Q(email=sale.buyer_email) if sale.buyer_email else Q(pk__in=[])
    known = PosBuyer.objects.filter(alike, bridge=sale.bridge_id).exclude(cpf="")
    cpfs = {sale.buyer_cpf, *known.values_list("cpf", flat=True)[:10]} - {""}
    fits = Q(cpf__in=cpfs)
    fits |= Q(phone=sale.buyer_phone) if sale.buyer_phone else Q(pk__in=[])
    rows = Customer.objects.filter(fits, connection=target, withdrawn_at=None).order_by("name_search", "pk")
    return list(rows[:10])


def link_customer(*, sale: PosSale, customer: Customer, by: User, note: str = "") -> None:
    """Say whose purchase a sale is. One that waited for it goes on; one not sent yet only changes its customer.

    Raises `BridgeRefusedError`: `no_programme`, `other_programme`, `final`, `being_sent`, `moved_on`.
    """
    _refuse_stranger(sale, customer)
    if sale.state == State.UNIDENTIFIED:
        link = matching.link_to(customer) | {"linked_by": by}
        done = life.move(sale, Event.IDENTIFIED, actor=by, note=note, **link)
    else:
        if not may_change_customer(sale):
            raise BridgeRefusedError("being_sent" if sale.is_being_sent else "final")
        done = life.change_customer(sale, customer, actor=by, note=note)
    if not done:
        raise BridgeRefusedError("moved_on")
    ring(sale.bridge_id)


def link_many(*, sales: Sequence[PosSale], customer: Customer, by: User, note: str = "") -> int:
    """Link unidentified sales to one customer, in a few queries. Returns how many; the others stay as they are."""
    waiting = [sale for sale in sales if sale.state == State.UNIDENTIFIED]
    for sale in waiting:
        _refuse_stranger(sale, customer)
    link = matching.link_to(customer) | {"linked_by": by}
    steps = [Step(sale, Event.IDENTIFIED, changes=dict(link)) for sale in waiting]
    moved = life.move_many(steps, actor=by, note=note)
    for bridge_id in {sale.bridge_id for sale in moved}:
        ring(bridge_id)
    return len(moved)


def may_change_customer(sale: PosSale) -> bool:
    """Whether another customer may be linked: nothing was asked of the platform with the present one, or it said no."""
    if sale.state == State.REJECTED:
        return True
    if sale.state == State.INELIGIBLE:
        return sale.reason in OVERRULABLE
    return sale.state in (State.MATCHED, State.ELIGIBLE) and sale.write_id is None


def create_customer_from(
    *, sale: PosSale, id: uuid.UUID, name: str, cpf: str, phone: str, by: User, email: str | None = None
) -> Write:
    """Register the buyer of an unidentified sale as a customer and, once the platform did, link the sale.

    `cpf` is 11 digits, `phone` E.164; the same `id` again is the same intent. Until the platform's answer is known
    the sale waits; a customer with its CPF who appears later is linked by itself. Raises `BridgeRefusedError`
    (`no_programme`, `moved_on`) and `SubjectBusyError`.
    """
    target = sale.bridge.target
    if target is None:
        raise BridgeRefusedError("no_programme")
    if sale.state != State.UNIDENTIFIED:
        raise BridgeRefusedError("moved_on")
    write = create_customer(
        id=id, connection=target, name=name, cpf=cpf, phone=phone, email=email, actor=by, store=sale.store
    )
    customer = Customer.objects.filter(connection=target, cpf=cpf, withdrawn_at=None).first()
    if write.state == Write.State.DONE and customer is not None:
        link_customer(sale=sale, customer=customer, by=by)
    return write


# --- What becomes of it -------------------------------------------------------------------------------
def discard(*, sale: PosSale, by: User, note: str) -> None:
    """End the wait of an unidentified sale early, with a reason.

    Raises `BridgeRefusedError` (`no_reason`, `moved_on`).
    """
    if not discard_many(sales=[sale], by=by, note=note):
        raise BridgeRefusedError("moved_on")


def discard_many(*, sales: Sequence[PosSale], by: User, note: str) -> int:
    """The same for many, in a few queries. Returns how many; the others stay as they are."""
    _need_reason(note)
    steps = [Step(sale, Event.GAVE_UP) for sale in sales if sale.state == State.UNIDENTIFIED]
    return len(life.move_many(steps, actor=by, note=note.strip()))


def overrule(*, sale: PosSale, by: User, note: str) -> None:
    """Let a sale earn although a check failed, with a reason.

    Raises `BridgeRefusedError`: `final`, `no_customer`, a word of `words.REASONS`, `no_reason`, `moved_on`.
    """
    _need_reason(note)
    if sale.state != State.INELIGIBLE or sale.reason not in OVERRULABLE:
        raise BridgeRefusedError("final")
    if sale.customer is None:
        raise BridgeRefusedError("no_customer")
    _refuse_final(sale)
    if not life.move(sale, Event.OVERRULED, reason=sale.reason, actor=by, note=note.strip()):
        raise BridgeRefusedError("moved_on")
    ring(sale.bridge_id)


def correct(
    *,
    sale: PosSale,
    by: User,
    note: str,
    amount: Decimal | None = None,
    customer: Customer | None = None,
) -> None:
    """Have a rejected sale sent again as a new intent, with another amount (BRL) or customer where given.

    Raises `BridgeRefusedError`: `final`, `amount`, `no_reason`, `moved_on`, and those of `link_customer`.
    """
    _need_reason(note)
    if sale.state != State.REJECTED:
        raise BridgeRefusedError("final")
    if amount is not None and amount <= 0:
        raise BridgeRefusedError("amount")
    changes: dict[str, Any] = {} if amount is None else {"amount": amount}
    if customer is not None:
        _refuse_stranger(sale, customer)
        changes |= matching.link_to(customer) | {"linked_by": by}
    _refuse_final(sale)
    if not life.move(sale, Event.CORRECTED, actor=by, note=note.strip(), **changes):
        raise BridgeRefusedError("moved_on")
    ring(sale.bridge_id)


def abandon(*, sale: PosSale, by: User, note: str) -> None:
    """Give up finding out whether a sale in doubt was registered: the ledger's decision, then the sale's.

    Raises `BridgeRefusedError` (`no_reason`, `moved_on`).
    """
    _need_reason(note)
    if sale.state != State.IN_DOUBT or sale.write is None:
        raise BridgeRefusedError("moved_on")
    try:
        settle_by_person(write=sale.write, state=Write.State.ABANDONED, by=by, reason=note)
    except AlreadySettledError:
        follow([sale])
        raise BridgeRefusedError("moved_on") from None
    follow([sale])
    sale.refresh_from_db()


# --- Reversals and flags ------------------------------------------------------------------------------
def tick_reversal(*, reversal: PosReversal, step: str, done: bool, by: User) -> None:
    """Tick or clear one line of the checklist."""
    with transaction.atomic():
        row = PosReversal.objects.select_for_update(of=("self",)).get(pk=reversal.pk)
        if row.confirmed_at or row.dropped_at or step not in REVERSAL_STEPS:
            raise BridgeRefusedError("moved_on")
        kept = {name: at for name, at in row.checklist.items() if name != step}
        reversal.checklist = kept | ({step: timezone.now().isoformat()} if done else {})
        PosReversal.objects.filter(pk=row.pk).update(checklist=reversal.checklist)
        audit(actor=by, action="bridge.reversal_ticked", subject=f"pos_sale:{row.sale_id}", step=step)


def confirm_reversal(*, sale: PosSale, by: User, evidence: str) -> None:
    """Somebody took the sale back in the Smartbis panel and says what it shows now; the checklist is whole.

    Raises `BridgeRefusedError` (`no_reason`, `checklist`, `moved_on`).
    """
    _need_reason(evidence)
    with transaction.atomic():
        case = PosReversal.objects.select_for_update(of=("self",)).filter(sale=sale, dropped_at=None).first()
        if case is None or sale.state != State.REGISTERED:
            raise BridgeRefusedError("moved_on")
        if set(case.checklist) != set(REVERSAL_STEPS):
            raise BridgeRefusedError("checklist")
        if not life.move(sale, Event.REVERSED, actor=by, note=evidence.strip()):
            raise BridgeRefusedError("moved_on")
        PosReversal.objects.filter(pk=case.pk).update(
            evidence=evidence.strip(), confirmed_at=timezone.now(), confirmed_by=by
        )


def settle_flag(*, sale: PosSale, flag: str, by: User, note: str) -> None:
    """A person looked at `conflicting_data` or `changed_after_send`: the flag goes, what it was about stays."""
    _need_reason(note)
    if not life.flag([sale], flag, raised=False, actor=by, note=note.strip()):
        raise BridgeRefusedError("moved_on")


def _need_reason(note: str) -> None:
    if not note.strip():
        raise BridgeRefusedError("no_reason")


def _refuse_stranger(sale: PosSale, customer: Customer) -> None:
    target = sale.bridge.target
    if target is None:
        raise BridgeRefusedError("no_programme")
    if customer.connection_id != target.pk or customer.withdrawn_at is not None:
        raise BridgeRefusedError("other_programme")


def _refuse_final(sale: PosSale) -> None:
    if reason := final_reason(sale.bridge, sale):
        raise BridgeRefusedError(reason)
