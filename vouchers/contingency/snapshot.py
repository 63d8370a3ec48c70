"""What a till keeps for the time without a link: the policy, the release, and the valid codes as hashes.

Reads the mirror alone, with a fixed number of queries and at most `CONTINGENCY_CODES` codes. No code
stands in it in plain. Source: `docs/contingency.md`.
"""

import base64
import hashlib
import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from smartbis_admin.api.capabilities import Resource
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Shift
from smartbis_admin.sync.services import data_age
from vouchers.contingency.policy import accepted_since, policy_of, release_at
from vouchers.models import Redemption, Voucher, voucher_status_is

#: Bytes of the salt and of each hash.
SALT_BYTES, HASH_BYTES = 16, 16


def snapshot(shift: Shift, connections: list[Connection]) -> dict[str, Any]:
    """The snapshot of an open shift as plain JSON values. Reads `till.store` and `cashier`."""
    now, till = timezone.now(), shift.till
    release = release_at(shift, now)
    read_at = min((age for age in map(_read_at, connections) if age), default=None)
    accepted = accepted_since(till, now)
    salt = salted_hmac("vouchers.contingency", str(shift.pk), algorithm="sha256").digest()[:SALT_BYTES]
    codes, cut = _codes(usable_vouchers(connections, now), salt)
    content = {
        "store": {"id": till.store.pk, "name": till.store.name},
        "till": {"id": till.pk, "name": till.name},
        "cashier": {"id": shift.cashier_id, "name": str(shift.cashier)},
        "shift": {"id": shift.pk, "opened_at": _epoch(shift.opened_at)},
        "policy": policy_of(till.store).as_json(),
        "release": release and {"until": _epoch(release.until), "by": str(release.manager)},
        "already_used_this_hour": len(accepted),
        "accepted_at": [_epoch(at) for at in accepted],
        "salt": base64.b64encode(salt).decode(),
        "cut": cut,
        "codes": codes,
    }
    version = hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()[:32]
    stale_at = read_at and read_at + settings.CONTINGENCY_MIRROR_AGE
    return {
        "version": version,
        "made_at": _epoch(now),
        "mirror_age_at": _epoch(read_at),
        "stale_at": _epoch(stale_at),
        **content,
    }


def usable_vouchers(connections: list[Connection], now: datetime) -> QuerySet[Voucher]:
    """Vouchers of these connections a till may take for valid: none marked, none that a scan holds."""
    held = Redemption.objects.filter(
        connection=OuterRef("connection"), code_sent=OuterRef("remote_id"), state__in=Redemption.HOLDING
    )
    started = Q(starts_at=None) | Q(starts_at__lte=now + settings.CONTINGENCY_MIRROR_AGE)
    usable = Voucher.objects.filter(
        voucher_status_is(Voucher.Status.ISSUED, now), started, connection__in=connections, withdrawn_at=None
    )
    free = usable.filter(~Exists(held), flag__isnull=True)
    return free.order_by(F("expires_at").asc(nulls_last=True), "pk")


def hash_of(salt: bytes, key: str) -> str:
    """What stands for a code: base64url, without padding, of the beginning of SHA-256(salt + key)."""
    digest = hashlib.sha256(salt + key.encode()).digest()[:HASH_BYTES]
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _codes(vouchers: QuerySet[Voucher], salt: bytes) -> tuple[list[list[Any]], bool]:
    columns = ("code_key", "expires_at", "value", "starts_at", "minimum_purchase")
    most = settings.CONTINGENCY_CODES
    rows = list(vouchers.values_list(*columns)[: most + 1])
    codes = [
        [hash_of(salt, key), _epoch(expires), _amount(value), _epoch(starts), _amount(minimum)]
        for key, expires, value, starts, minimum in rows[:most]
    ]
    return codes, len(rows) > most


def _read_at(connection: Connection) -> datetime | None:
    return data_age(connection, Resource.VOUCHERS)


def _epoch(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())


def _amount(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:.2f}"
