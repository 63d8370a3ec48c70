"""The secrets a bridge signs its deliveries with: made here, shown once, two of them while one is being changed.

Stored encrypted beside the connection's credentials, as `push_secret` and `push_secret_next`; who checks a signature
accepts either (`smartpos.md` §2.3). It must not know how a delivery is checked.
"""

import secrets
from enum import StrEnum

from django.db import transaction

from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import User
from smartbis_admin.staff.services import audit

CURRENT, NEXT = "push_secret", "push_secret_next"


class SecretState(StrEnum):
    """How many secrets count: none yet, one, or two because one is being changed."""

    NONE = "none"
    ONE = "one"
    CHANGING = "changing"


def state_of(connection: Connection) -> SecretState:
    """How the secrets of a connection stand."""
    if connection.credentials.get(NEXT):
        return SecretState.CHANGING
    return SecretState.ONE if connection.credentials.get(CURRENT) else SecretState.NONE


def make_push_secret(*, connection: Connection, by: User) -> str:
    """Make a secret and return it; nobody can read it again.

    The first one counts at once. Any other counts beside the one in use until that is retired, and takes the place of
    one made before it that was never put to use.
    """
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        row = _locked(connection)
        row.credentials[NEXT if row.credentials.get(CURRENT) else CURRENT] = secret
        _store(row, connection, by, "connection.push_secret_made")
    return secret


def retire_push_secret(*, connection: Connection, by: User) -> bool:
    """Let the newer secret alone count from now on; False when there is no newer one, and nothing changed."""
    with transaction.atomic():
        row = _locked(connection)
        newer = row.credentials.pop(NEXT, "")
        if not newer:
            return False
        row.credentials[CURRENT] = newer
        _store(row, connection, by, "connection.push_secret_retired")
    return True


def _locked(connection: Connection) -> Connection:
    return Connection.objects.select_for_update().get(pk=connection.pk)


def _store(row: Connection, connection: Connection, by: User, action: str) -> None:
    row.save(update_fields=["credentials"])
    connection.credentials = row.credentials
    audit(actor=by, action=action, subject=f"connection:{row.pk}")
