"""A delivery of SmartPOS at our door: what is checked, in the contract's order, and what it is answered.

Nothing is stored before the signature holds (`smartpos.md` §2.3). Knows no request; `endpoint.py` does.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.db.models import Q
from django.utils import timezone

from customers.bridge.issues import Problem, keep_problems
from customers.bridge.models import Bridge, Road
from customers.bridge.receiving import receive
from customers.bridge.working import ring
from smartbis_admin.api.smartpos.push import DeliveryRefused, check_delivery, read_delivery
from smartbis_admin.connections.doors import connection_at_door
from smartbis_admin.connections.providers import Provider

log = structlog.get_logger(__name__)
#: Stands for the secret of a connection nobody has, so that its refusal costs the same.
_NOBODYS_SECRET = "nobody has this connection"  # noqa: S105
#: The time of the last delivery is written at most this often.
_STEP = timedelta(seconds=5)


def take_delivery(*, token: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """Store what a delivery brings and return the answer's body. Raises `DeliveryRefused`.

    A door that is nobody's is 404 `unknown`, after the same checks as one that is somebody's.
    """
    now = timezone.now()
    connection = connection_at_door(Provider.SMARTPOS, token)
    keys = connection.credentials if connection else {"push_secret": _NOBODYS_SECRET}
    secrets = [keys[name] for name in ("push_secret", "push_secret_next") if keys.get(name)]
    refused: DeliveryRefused | None = None
    try:
        check_delivery(headers=headers, body=body, secrets=secrets, now=now)
    except DeliveryRefused as error:
        refused = error
    bridge = Bridge.objects.filter(connection=connection or 0).select_related("connection", "target").first()
    if connection is None or bridge is None:
        raise DeliveryRefused(404, "unknown")
    if refused is not None:
        log.warning("delivery_refused", bridge=bridge.pk, reason=refused.reason)
        raise refused
    try:
        delivery = read_delivery(body, zone=ZoneInfo(connection.time_zone))
    except DeliveryRefused as error:
        keep_problems(bridge, Road.PUSH, [Problem(error.reason, subject="delivery")])
        raise
    stale = Q(pushed_at=None) | Q(pushed_at__lt=now - _STEP)
    Bridge.objects.filter(stale, pk=bridge.pk).update(pushed_at=now)
    if delivery.is_ping:
        Bridge.objects.filter(pk=bridge.pk).update(pinged_at=now)
    receipt = receive(bridge=bridge, records=delivery.records, road=Road.PUSH, bad=delivery.bad)
    if receipt.accepted:
        ring(bridge.pk)
    log.info(
        "delivery",
        bridge=bridge.pk,
        delivery=headers.get("X-SmartPOS-Delivery", "")[:40],
        accepted=receipt.accepted,
        duplicates=receipt.duplicates,
        rejected=len(receipt.rejected),
    )
    return {
        "accepted": receipt.accepted,
        "duplicates": receipt.duplicates,
        "rejected": [{"id": row.id, "reason": row.reason} for row in receipt.rejected],
    }
