"""The whole life of one voucher in the order it happened: what the platform says and every scan here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from vouchers.models import Redemption, Voucher
from vouchers.till.kinds import Kind
from vouchers.till.verdicts import verdict_of

Text = str | Promise

#: Tone of a scan's verdict.
TONES = {
    Kind.VALID: "success",
    Kind.USED: "warning",
    Kind.REFUSED: "danger",
    Kind.WAITING: "warning",
    Kind.CONTINGENCY: "info",
}


@dataclass(frozen=True)
class Event:
    """One moment. `at` None: the platform does not say when."""

    at: datetime | None
    title: Text
    tone: str
    icon: str
    detail: Text = ""
    scan: Redemption | None = None

    @property
    def is_ahead(self) -> bool:
        """Whether it is still to come."""
        return self.at is not None and self.at > timezone.now()


def tell(voucher: Voucher, scans: Iterable[Redemption]) -> list[Event]:
    """The events of a voucher, oldest first; those without a moment come last before what is ahead."""
    events = [*_platform_events(voucher), *map(_scan_event, scans)]
    now = timezone.now()
    return sorted(events, key=lambda event: event.at or now)


def _platform_events(voucher: Voucher) -> Iterable[Event]:
    now = timezone.now()
    if voucher.issued_at:
        yield Event(voucher.issued_at, _("Emitido"), "info", "ticket", voucher.get_origin_display())
    if voucher.starts_at:
        started = voucher.starts_at <= now
        title = _("Começou a valer") if started else _("Começa a valer")
        yield Event(voucher.starts_at, title, "neutral", "calendar")
    if voucher.status == Voucher.Status.USED or voucher.used_at:
        where = voucher.store_name or ""
        yield Event(voucher.used_at, _("Usado na plataforma"), "success", "circle-check", where)
    elif voucher.status == Voucher.Status.CANCELLED:
        yield Event(None, _("Cancelado na plataforma"), "danger", "ban")
    elif voucher.expires_at:
        over = voucher.expires_at < now
        yield Event(voucher.expires_at, _("Venceu") if over else _("Vence"), "neutral", "calendar-off")
    elif voucher.status == Voucher.Status.EXPIRED:
        yield Event(None, _("Venceu"), "neutral", "calendar-off")
    if voucher.withdrawn_at:
        yield Event(voucher.withdrawn_at, _("Saiu da lista da plataforma"), "neutral", "cloud-off")


def _scan_event(scan: Redemption) -> Event:
    verdict = verdict_of(scan)
    return Event(scan.happened_at, verdict.word, TONES[verdict.kind], verdict.icon, verdict.reason, scan)
