"""What the mirror offers to screens and to other rooms: ages, an overview, starting, stopping, deciding."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.words import explain
from smartbis_admin.staff.models import User
from smartbis_admin.sync import jobs
from smartbis_admin.sync.engine import resources, runs, spec_of, withdrawal
from smartbis_admin.sync.engine.withdrawal import NotDecidableError
from smartbis_admin.sync.models import SyncRun

__all__ = [
    "NotDecidableError",
    "OverviewRow",
    "accept_withdrawal",
    "cancel_run",
    "data_age",
    "dismiss_withdrawal",
    "explain_run",
    "overview",
    "request_all",
    "request_run",
    "resource_label",
    "retry_run",
]

State = SyncRun.State
Trigger = SyncRun.Trigger
#: States of a run that read its list to the end.
COMPLETE = (State.DONE, State.NEEDS_ATTENTION)
_REASONS: dict[str, Promise] = {
    runs.Reason.CUT_LISTING: _("A plataforma enviou a lista pela metade. Nada foi marcado como ausente."),
    runs.Reason.UNREADABLE_IDS: _(
        "Algumas linhas vieram sem um id legível. O resto foi lido e nada foi marcado como ausente."
    ),
    runs.Reason.BRAKE: _("Linhas demais sumiram da lista. Nada foi retirado: confira e decida."),
    runs.Reason.WITHDRAWAL_ACCEPTED: _("A retirada foi confirmada por uma pessoa."),
    runs.Reason.WITHDRAWAL_DISMISSED: _("A retirada foi descartada por uma pessoa."),
    runs.Reason.INTERRUPTED: _("A sincronização foi interrompida várias vezes seguidas."),
    runs.Reason.DATABASE: _("O banco de dados ficou indisponível durante a sincronização."),
    runs.Reason.UNEXPECTED: _("Algo deu errado. Fale com o suporte e informe a referência."),
}


@dataclass(frozen=True)
class OverviewRow:
    """One list of one connection, as the sync screen shows it."""

    connection: Connection
    resource: str
    label: str | Promise
    #: The newest run, whatever its state.
    latest: SyncRun | None
    #: The newest run that read the list to its end.
    last_complete: SyncRun | None
    #: When the nightly chain starts next; None while it is switched off or the connection takes no part.
    next_at: datetime | None
    #: Rows of the mirror as of the newest complete listing (else read so far); never counted in the table.
    row_count: int


def resource_label(resource: str) -> str | Promise:
    """What people call a list: the plural name of its rows."""
    name: str | Promise = spec_of(resource).model._meta.verbose_name_plural or resource
    return name


def data_age(connection: Connection | None, resource: str) -> datetime | None:
    """When the newest complete listing ended. For all connections (None): the oldest of theirs.

    None while there was no complete listing at all.
    """
    listings = SyncRun.objects.filter(resource=resource, state__in=COMPLETE)
    if connection is not None:
        newest: datetime | None = listings.filter(connection=connection).aggregate(at=Max("finished_at"))[
            "at"
        ]
        return newest
    active = listings.filter(connection__is_active=True).order_by()
    ages = active.values("connection").annotate(at=Max("finished_at")).values_list("at", flat=True)
    return min(ages, default=None)


def overview() -> list[OverviewRow]:
    """Every list of every active connection: a fixed number of queries, however many there are."""
    newest = (
        SyncRun.objects.order_by()
        .values_list("connection", "resource")
        .annotate(latest=Max("pk"), complete=Max("pk", filter=Q(state__in=COMPLETE)))
    )
    chosen = {(connection, resource): (latest, complete) for connection, resource, latest, complete in newest}
    wanted = {pk for pair in chosen.values() for pk in pair if pk is not None}
    light = SyncRun.objects.defer("seen", "position").select_related("requested_by", "decided_by")
    found = light.in_bulk(wanted)
    next_at = jobs.next_nightly(timezone.now())
    rows = []
    for connection in Connection.objects.filter(is_active=True).order_by("name", "pk"):
        for resource in resources():
            latest, complete = (
                found.get(pk) if pk else None for pk in chosen.get((connection.pk, resource), (None, None))
            )
            counted = complete or latest
            rows.append(
                OverviewRow(
                    connection=connection,
                    resource=resource,
                    label=resource_label(resource),
                    latest=latest,
                    last_complete=complete,
                    next_at=None if connection.blocked_at else next_at,
                    row_count=counted.rows_seen if counted else 0,
                )
            )
    return rows


def request_run(
    *,
    connection: Connection,
    resource: str,
    trigger: SyncRun.Trigger = Trigger.MANUAL,
    requested_by: User | None = None,
) -> SyncRun:
    """Ask for one list and ring the workers. Pressed twice, it is one run."""
    run = runs.request_run(
        connection=connection, resource=resource, trigger=trigger, requested_by=requested_by
    )
    jobs.ring(connection.pk)
    return run


def request_all(
    *,
    connection: Connection,
    trigger: SyncRun.Trigger = Trigger.MANUAL,
    requested_by: User | None = None,
) -> list[SyncRun]:
    """Ask for every list of a connection, in the order they depend on each other, and ring the workers."""
    return jobs.request_all(connection, trigger, requested_by=requested_by)


def cancel_run(*, run: SyncRun) -> SyncRun:
    """Stop a run: a waiting one at once, a running one before its next page is stored."""
    rows = SyncRun.objects.filter(pk=run.pk)
    if not rows.filter(state=State.REQUESTED).update(state=State.CANCELLED, finished_at=timezone.now()):
        rows.filter(state=State.RUNNING).update(cancel_requested=True)
    run.refresh_from_db()
    return run


def retry_run(*, run: SyncRun, by: User | None) -> SyncRun:
    """Ask again for the list of a run that ended (or rests after an outage)."""
    return request_run(connection=run.connection, resource=run.resource, requested_by=by)


def explain_run(run: SyncRun) -> str | Promise:
    """Why a run ended or rests as it does, in one sentence; empty where its state says it all."""
    if not run.reason:
        return ""
    return _REASONS.get(run.reason) or explain(run.reason, run.cause)


def accept_withdrawal(*, run: SyncRun, by: User | None) -> SyncRun:
    """Withdraw what the brake of this run held back. Raises `NotDecidableError` when nothing is open."""
    return withdrawal.accept(run=run, by=by)


def dismiss_withdrawal(*, run: SyncRun, by: User | None) -> SyncRun:
    """Keep the rows the brake of this run held back. Raises `NotDecidableError` when nothing is open."""
    return withdrawal.dismiss(run=run, by=by)
