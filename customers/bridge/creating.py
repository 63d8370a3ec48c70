"""Registers buyers nobody knows as customers, where the account allows it (`smartpos.md` §3).

Only from a sale that carries CPF, name and phone, once for a CPF, through the ledger.
"""

import time
import uuid

from customers.bridge import matching
from customers.bridge.models import Bridge, PosSale
from customers.services import create_customer
from smartbis_admin.api.brazil import is_valid_cpf
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.services import SubjectBusyError

_NAMESPACE = uuid.UUID("5f0f8d0e-0f4a-4a0b-8f37-4a8f5a6f9d21")
_CHUNK = 100


def create_unknown(bridge: Bridge, *, seconds: float) -> int:
    """Register unknown buyers until the time is over. Returns how many customers came of it."""
    if not bridge.creates_customers or bridge.mode != Bridge.Mode.REGISTER:
        return 0
    waiting = PosSale.objects.filter(
        bridge=bridge,
        state=PosSale.State.UNIDENTIFIED,
        reason="unknown_buyer",
        status=PosSale.Status.APPROVED,
        conflicting_data=False,
        buyer_phone__startswith="+",
    ).exclude(buyer_cpf="")
    end, after, made = time.monotonic() + seconds, 0, 0
    while sales := list(waiting.exclude(buyer_name="").filter(pk__gt=after).order_by("pk")[:_CHUNK]):
        after = sales[-1].pk
        fresh = {_intent_id(bridge, sale): sale for sale in sales if is_valid_cpf(sale.buyer_cpf)}
        tried = Write.objects.filter(pk__in=list(fresh)).exclude(state=Write.State.NOT_SENT)
        for spent in tried.values_list("pk", flat=True):
            del fresh[spent]
        for intent, sale in fresh.items():
            state = _create(bridge, intent, sale)
            made += state == Write.State.DONE
            if state == Write.State.NOT_SENT or time.monotonic() > end:
                return made
    return made


def _create(bridge: Bridge, intent: uuid.UUID, sale: PosSale) -> str:
    if bridge.target is None or bridge.mode_by is None:
        return ""
    try:
        write = create_customer(
            id=intent,
            connection=bridge.target,
            name=sale.buyer_name,
            cpf=sale.buyer_cpf,
            phone=sale.buyer_phone,
            email=sale.buyer_email if "@" in sale.buyer_email else None,
            actor=bridge.mode_by,
            store=sale.store,
        )
    except SubjectBusyError:
        return ""
    if write.state == Write.State.DONE:
        matching.look_again([sale])
    return write.state


def _intent_id(bridge: Bridge, sale: PosSale) -> uuid.UUID:
    return uuid.uuid5(_NAMESPACE, f"{bridge.target_id}:{sale.buyer_cpf}")
