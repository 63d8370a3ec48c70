"""What a connection does for the rest of the program: hands out clients, keeps health, replaces credentials."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any, TypeVar, overload
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from smartbis_admin.api.capabilities import Reading, Resource
from smartbis_admin.api.errors import ApiError, Misconfigured, NotAllowed, Refused, Unreachable
from smartbis_admin.api.ports import Client, Door
from smartbis_admin.api.records import Probe
from smartbis_admin.api.transport import Timeouts
from smartbis_admin.connections.models import Connection, WireState
from smartbis_admin.connections.providers import Account, spec_of
from smartbis_admin.connections.wire import DatabasePace, DatabaseTokenStore
from smartbis_admin.staff.models import User
from smartbis_admin.staff.services import audit

C = TypeVar("C")

#: A healthy connection's row is touched at most this often.
HEALTH_STEP = timedelta(seconds=30)
#: Causes (`ApiError.reason`) every list of a connection would fail with: one failure is told once.
SHARED_CAUSES = frozenset(
    {"name_lookup", "refused", "connect_timeout", "tls", "credentials", "plain_http", "address"}
)


@overload
def client_for(connection: Connection, *, interactive: bool = False) -> Client: ...
@overload
def client_for(connection: Connection, kind: type[C], *, interactive: bool = False) -> C: ...
def client_for(connection: Connection, kind: Any = object, *, interactive: bool = False) -> Any:
    """The client of a connection. `interactive`: a person waits, so short time limits and a burst of pace.

    `kind` is the class whose commands the caller needs; `TypeError` when the connection's platform is another
    (callers choose connections by capability). Raises `NotAllowed` without any traffic while the connection
    is blocked because its credentials were refused (`smartbis-v2.md` §1).
    """
    _check_open(connection)
    client = _make_client(**_account_of(connection, interactive))
    if not isinstance(client, kind):
        raise TypeError(f"{connection.provider} is not spoken to by {kind.__name__}")
    return client


def kept_client_for(connection: Connection) -> Any:
    """`client_for` a person who waits, the same as long as everything it is made from stays the same.

    It is shared by the threads of the process and must not be closed.
    """
    _check_open(connection)
    return keep_client(**_account_of(connection, interactive=True))


def _check_open(connection: Connection) -> None:
    if connection.blocked_at:
        raise NotAllowed("connection is blocked", reason="blocked")


def _account_of(connection: Connection, interactive: bool) -> dict[str, Any]:
    return {
        "pk": connection.pk,
        "provider": connection.provider,
        "base_url": connection.base_url,
        "credentials": tuple(connection.credentials.items()),
        "time_zone": connection.time_zone,
        "per_second": pace_of(connection),
        "connect": settings.API_CONNECT_TIMEOUT,
        "read": settings.API_TILL_TIMEOUT if interactive else settings.API_READ_TIMEOUT,
        "interactive": interactive,
    }


def _make_client(
    *,
    pk: int,
    provider: str,
    base_url: str,
    credentials: tuple[tuple[str, str], ...],
    time_zone: str,
    per_second: float,
    connect: float,
    read: float,
    interactive: bool,
) -> Any:
    return spec_of(provider).build(
        Account(
            base_url=base_url,
            credentials=dict(credentials),
            zone=ZoneInfo(time_zone),
            tokens=DatabaseTokenStore(pk),
            pace=DatabasePace(pk, per_second=per_second, interactive=interactive),
            timeouts=Timeouts(connect=connect, read=read, total=read if interactive else None),
        )
    )


#: Whatever of its connection's row changes, another client is made; those not used any more are forgotten.
keep_client = lru_cache(maxsize=32)(_make_client)


def pace_of(connection: Connection) -> float:
    """The most calls a second that all processes together make on a connection."""
    pace: float = settings.API_PACE[connection.provider]
    return pace


def create_connection(
    *, by: User | None, provider: str, name: str, base_url: str, credentials: Mapping[str, str], **fields: Any
) -> Connection:
    """Add a connection and its wire state. The audit trail names it, never its credentials.

    What the platform must be told by us (`ProviderSpec.made_here`) is made here, unless it is given.
    """
    ours = {key: secrets.token_urlsafe(24) for key in spec_of(provider).made_here}
    with transaction.atomic():
        connection = Connection.objects.create(
            provider=provider, name=name, base_url=base_url, credentials=ours | dict(credentials), **fields
        )
        WireState.objects.create(connection=connection)
        audit(actor=by, action="connection.created", subject=f"connection:{connection.pk}", name=name)
    return connection


def replace_credentials(*, connection: Connection, by: User, credentials: Mapping[str, str]) -> None:
    """Store new credentials, drop the token made with the old ones and let traffic flow again.

    What we made for the platform to use with us stays as it is.
    """
    with transaction.atomic():
        connection.credentials = Connection.objects.select_for_update().get(pk=connection.pk).credentials
        connection.credentials |= dict(credentials)
        connection.blocked_at = None
        connection.save(update_fields=["credentials", "blocked_at"])
        drop_token(connection)
        audit(actor=by, action="connection.credentials_replaced", subject=f"connection:{connection.pk}")


def drop_token(connection: Connection) -> None:
    """Forget the stored token; the next call makes a new one."""
    wire = WireState.objects.get(pk=connection.pk)
    wire.token, wire.token_expires_at = {}, None
    wire.save(update_fields=["token", "token_expires_at"])


def note_ok(connection: Connection) -> None:
    """Remember that the platform answered just now; lifts nothing else."""
    now = timezone.now()
    news = Q(last_ok_at=None) | Q(last_ok_at__lt=now - HEALTH_STEP) | Q(last_error_at__gte=F("last_ok_at"))
    Connection.objects.filter(news, pk=connection.pk).update(last_ok_at=now)


def note_answer(connection: Connection) -> None:
    """`note_ok` for a connection that was read for this very call: while it says "answered a moment ago", nothing
    is asked of the database. A failure somebody else notes during the call stands until the next answer.
    """
    failed, answered = connection.last_error_at, connection.last_ok_at
    known = answered is not None and timezone.now() - answered < HEALTH_STEP
    if not (known and answered is not None and (failed is None or failed < answered)):
        note_ok(connection)


def note_absent(connection: Connection, resource: str) -> None:
    """Remember that the account has no such list, so that it is not asked for every night."""
    connection.absent_lists = sorted({*connection.absent_lists, str(resource)})
    connection.save(update_fields=["absent_lists"])


def note_error(connection: Connection, error: ApiError) -> None:
    """Remember a failed call; credentials refused twice stop the connection's traffic."""
    now = timezone.now()
    rows = Connection.objects.filter(pk=connection.pk)
    rows.update(last_error_at=now, last_error=type(error).__name__, last_error_cause=error.reason)
    if isinstance(error, NotAllowed) and rows.filter(blocked_at=None).update(blocked_at=now):
        audit(actor=None, action="connection.blocked", subject=f"connection:{connection.pk}")


@dataclass(frozen=True)
class Check:
    """One line of "testar conexão": what was read, and what one small read of it showed or failed with."""

    resource: Resource | Reading
    probe: Probe | None = None
    error: ApiError | None = None

    @property
    def absent(self) -> bool:
        """Whether the account does not have the list, which is no fault."""
        return isinstance(self.error, Refused) and self.error.code == "not_offered"


def test_connection(*, connection: Connection, by: User) -> list[Check]:
    """Read a few rows of every list or reading of the connection and say what was recognised.

    A blocked connection is tried all the same, and flows again when the platform accepts its credentials.
    Changes nothing at the platform. After a failure that the other lists would share, they are not tried.
    """
    blocked, connection.blocked_at = connection.blocked_at, None
    client: Door = client_for(connection, interactive=True)
    if blocked:
        drop_token(connection)
    checks: list[Check] = []
    for resource in connection.spec.tried:
        try:
            checks.append(Check(resource, probe=client.probe(resource)))
        except (NotAllowed, Misconfigured, Unreachable) as error:
            checks.append(Check(resource, error=error))
            if error.reason not in SHARED_CAUSES:
                continue
            break
        except ApiError as error:
            checks.append(Check(resource, error=error))
    _note_checks(connection, checks, blocked=blocked is not None, by=by)
    return checks


def _note_checks(connection: Connection, checks: list[Check], *, blocked: bool, by: User) -> None:
    connection.absent_lists = sorted(str(check.resource) for check in checks if check.absent)
    connection.save(update_fields=["absent_lists"])
    failed = [check.error for check in checks if check.error and not check.absent]
    if failed:
        note_error(connection, failed[0])
    else:
        note_ok(connection)
        if blocked:
            Connection.objects.filter(pk=connection.pk).update(blocked_at=None)
    audit(
        actor=by,
        action="connection.tested",
        subject=f"connection:{connection.pk}",
        failed=[type(error).__name__ for error in failed],
    )
    connection.refresh_from_db()
