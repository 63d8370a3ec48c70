"""Mail about the mirror: one when lists cannot be read any more, one when they can again, one a day about drift.

Every mail is claimed in the database before it is sent and given back when sending fails, so that it is sent
once and not lost. Holds counts and names of lists only, never personal data.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from functools import partial
from smtplib import SMTPException
from typing import Any

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.db.models import Count, Max
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from smartbis_admin.staff.access import Access
from smartbis_admin.staff.models import User
from smartbis_admin.sync.drift.services import forget_settled, open_drift
from smartbis_admin.sync.engine import spec_of
from smartbis_admin.sync.models import Digest, Drift, Outage, SyncRun
from smartbis_admin.sync.words import explain_run

log = structlog.get_logger(__name__)
State = SyncRun.State
BROKEN = (State.FAILED, State.INCOMPLETE, State.NEEDS_ATTENTION)
#: Local time from which the summary of the day is sent.
DIGEST_AT = time(7, 30)


def wanted_by(choice: str) -> list[str]:
    """Addresses of the people who may sync and want this mail (`outages` or `digest`)."""
    people = User.objects.filter(is_active=True).select_related("sync_mail").order_by("pk")
    return [
        person.email
        for person in people
        if person.may(Access.RUN_SYNC) and getattr(getattr(person, "sync_mail", None), choice, True)
    ]


def watch_outages() -> None:
    """Open and close outages by the latest run of every list, and tell people once of each change.

    A connection whose lists fail one after the other is one mail, and so is its recovery.
    """
    ended = SyncRun.objects.exclude(finished_at=None).exclude(state=State.CANCELLED)
    latest = ended.order_by().values("connection", "resource").annotate(newest=Max("pk")).values("newest")
    runs = SyncRun.objects.filter(pk__in=latest).defer("seen", "position").select_related("connection")
    known = {(row.connection_id, row.resource): row for row in Outage.objects.filter(closed_at=None)}
    for run in runs.order_by("pk"):
        outage = known.get((run.connection_id, run.resource))
        if run.state in BROKEN and outage is None:
            _open(run)
        elif run.state == State.DONE and outage is not None:
            Outage.objects.filter(pk=outage.pk, closed_at=None).update(closed_at=timezone.now())
    _tell_open()
    _tell_closed()


def _open(run: SyncRun) -> None:
    try:
        with transaction.atomic():
            Outage.objects.create(connection=run.connection, resource=run.resource, run=run)
    except IntegrityError:
        log.info("outage_known", run=run.pk)


def _tell_open() -> None:
    """One mail per connection that was well before; later failures of the same outage are told by the screen."""
    untold = Outage.objects.filter(closed_at=None, told_open=False).select_related("connection", "run")
    by_connection: dict[Any, list[Outage]] = {}
    for outage in untold.order_by("pk"):
        by_connection.setdefault(outage.connection, []).append(outage)
    for connection, outages in by_connection.items():
        keys = [outage.pk for outage in outages]
        known = Outage.objects.filter(connection=connection, closed_at=None, told_open=True).exists()
        if not _claim(keys, "told_open") or known:
            continue
        facts = {
            "connection": connection,
            "lines": [(_name(outage.resource), explain_run(outage.run)) for outage in outages],
        }
        subject = _("Sincronização com problema: %(connection)s") % {"connection": connection}
        _send(subject, "sync/mail/outage.txt", facts, "outages", partial(_give_back, keys, "told_open"))


def _tell_closed() -> None:
    """One mail once every list of a connection that was told to fail is read again."""
    over = Outage.objects.exclude(closed_at=None).filter(told_open=True, told_closed=False)
    broken = set(Outage.objects.filter(closed_at=None).values_list("connection_id", flat=True))
    by_connection: dict[Any, list[Outage]] = {}
    for outage in over.select_related("connection").order_by("pk"):
        if outage.connection_id not in broken:
            by_connection.setdefault(outage.connection, []).append(outage)
    for connection, outages in by_connection.items():
        keys = [outage.pk for outage in outages]
        if not _claim(keys, "told_closed"):
            continue
        facts = {
            "connection": connection,
            "names": sorted({_name(outage.resource) for outage in outages}),
            "since": min(outage.opened_at for outage in outages),
        }
        subject = _("Sincronização normalizada: %(connection)s") % {"connection": connection}
        _send(
            subject,
            "sync/mail/recovery.txt",
            facts,
            "outages",
            partial(_give_back, keys, "told_closed"),
        )


def _claim(keys: Sequence[int], mark: str) -> bool:
    """Whether we are the one to tell; nobody else will."""
    return bool(Outage.objects.filter(pk__in=keys, **{mark: False}).update(**{mark: True}))


def _give_back(keys: Sequence[int], mark: str) -> None:
    Outage.objects.filter(pk__in=keys).update(**{mark: False})


def send_digest(now: datetime | None = None) -> bool:
    """Send the summary of the last day's drift, once a day after `DIGEST_AT`. Whether it was ours to make.

    A day without drift is noted and sends nothing; a morning the program slept through is made up later.
    """
    now = now or timezone.now()
    local = timezone.localtime(now)
    if local.time() < DIGEST_AT or Digest.objects.filter(day=local.date()).exists():
        return False
    before = Digest.objects.aggregate(at=Max("sent_at"))["at"] or now - timedelta(days=1)
    news = Drift.objects.filter(found_at__gt=before)
    counts = {row["kind"]: row["n"] for row in news.order_by().values("kind").annotate(n=Count("pk"))}
    skipped = sum(
        SyncRun.objects.filter(started_at__gt=before)
        .exclude(drift_skipped=0)
        .values_list("drift_skipped", flat=True)
    )
    try:
        with transaction.atomic():
            digest = Digest.objects.create(day=local.date(), found=sum(counts.values()))
    except IntegrityError:
        return False
    forget_settled(now)
    if counts or skipped:
        facts = {
            "since": before,
            "lines": [(kind.label, counts[kind.value]) for kind in Drift.Kind if kind.value in counts],
            "skipped": skipped,
            "open": open_drift().count(),
        }
        _send(_("Divergências encontradas"), "sync/mail/digest.txt", facts, "digest", digest.delete)
    return True


def _send(
    subject: str, template: str, facts: dict[str, Any], choice: str, undo: Callable[[], object]
) -> None:
    """Send one mail to everybody who wants it, unseen by each other; `undo` gives it back when it fails."""
    to = wanted_by(choice)
    if not to:
        return
    with translation.override(settings.LANGUAGE_CODE):
        body = render_to_string(template, facts)
    try:
        EmailMessage(subject=subject, body=body, bcc=to).send()
    except (OSError, SMTPException):
        log.warning("mail_failed", template=template, exc_info=True)
        undo()


def _name(resource: str) -> str:
    return capfirst(str(spec_of(resource).model._meta.verbose_name_plural))
