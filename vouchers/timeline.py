"""What the rooms of vouchers tell of a customer: vouchers as the platform lists them, scans and reversals here."""

from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from customers.timeline import Event, Source, register
from smartbis_admin.staff.access import Access
from smartbis_admin.ui.formats import money
from vouchers.life import TONES
from vouchers.models import Redemption, Voucher, voucher_status_is
from vouchers.reversals.models import ReversalCase
from vouchers.till.kinds import ICONS
from vouchers.till.verdicts import verdict_of


def _what(voucher: Voucher) -> str:
    """The voucher in few words, without its code."""
    worth = money(voucher.value) if voucher.value is not None else voucher.reward_name or ""
    return " · ".join(filter(None, [worth, voucher.masked_code]))


def _page(voucher: Voucher) -> str:
    return reverse("vouchers:detail", args=[voucher.pk])


def _issued(row: Voucher, known_at: datetime) -> Event:
    return Event(_("Voucher emitido"), "ticket", "info", _what(row), _page(row), known_at=known_at)


def _used(row: Voucher, known_at: datetime) -> Event:
    text = " · ".join(filter(None, [_what(row), row.store_name]))
    return Event(_("Voucher usado"), "circle-check", "success", text, _page(row), known_at=known_at)


def _expired(row: Voucher, known_at: datetime) -> Event:
    return Event(_("Voucher vencido"), "calendar-off", "neutral", _what(row), _page(row), known_at=known_at)


def _scanned(row: Redemption, known_at: datetime) -> Event:
    verdict = verdict_of(row)
    text = " · ".join(filter(None, [str(verdict.word), str(row.till or row.store or ""), row.masked_code]))
    url = _page(row.voucher) if row.voucher else ""
    tone = TONES.get(verdict.kind, "warning")
    return Event(_("Voucher lido no caixa"), ICONS[verdict.kind], tone, text, url, by=row.cashier)


def _case(row: ReversalCase) -> str:
    return reverse("reversals:detail", args=[row.pk])


def _asked(row: ReversalCase, known_at: datetime) -> Event:
    text = row.get_reason_display()
    return Event(_("Estorno pedido"), "arrow-back-up", "warning", text, _case(row), by=row.opened_by)


def _decided(row: ReversalCase, known_at: datetime) -> Event:
    declined = row.state == ReversalCase.State.DECLINED
    title = _("Estorno negado") if declined else _("Estorno aprovado")
    return Event(title, "arrow-back-up", "neutral", url=_case(row), by=row.approver or "")


def _confirmed(row: ReversalCase, known_at: datetime) -> Event:
    text = row.get_result_display()
    return Event(
        _("Estorno concluído"), "clipboard-check", "success", text, _case(row), by=row.confirmed_by or ""
    )


def _vouchers(of: Customer) -> QuerySet[Voucher]:
    return Voucher.objects.filter(
        connection=of.connection_id, customer_remote_id=of.remote_id, withdrawn_at=None
    )


def _scans(of: Customer) -> QuerySet[Redemption]:
    # By their codes, which an index finds; joined to the vouchers, a database may read every scan there is.
    codes = Voucher.objects.filter(connection=of.connection_id, customer_remote_id=of.remote_id).order_by()
    return Redemption.objects.filter(connection=of.connection_id, code_sent__in=codes.values("remote_id"))


def _cases(of: Customer) -> QuerySet[ReversalCase]:
    cases = ReversalCase.objects.filter(redemption__in=_scans(of).order_by().values("pk"))
    return cases.select_related("opened_by", "approver", "confirmed_by")


register(
    Source("voucher_issued", _vouchers, "issued_at", _issued, Access.SEE_VOUCHERS),
    Source("voucher_used", _vouchers, "used_at", _used, Access.SEE_VOUCHERS),
    Source(
        "voucher_expired",
        lambda of: _vouchers(of).filter(
            voucher_status_is(Voucher.Status.EXPIRED, timezone.now()), expires_at__lt=timezone.now()
        ),
        "expires_at",
        _expired,
        Access.SEE_VOUCHERS,
    ),
    Source(
        "scan",
        lambda of: _scans(of).select_related(
            "voucher",
            "write",
            "till__store",
            "store",
            "cashier",
            "winner__till__store",
            "winner__store",
            "winner__cashier",
        ),
        "received_at",
        _scanned,
        Access.SEE_VOUCHERS,
    ),
    Source("reversal_asked", _cases, "opened_at", _asked, Access.DECIDE_REVERSALS),
    Source("reversal_decided", _cases, "approved_at", _decided, Access.DECIDE_REVERSALS),
    Source("reversal_confirmed", _cases, "confirmed_at", _confirmed, Access.DECIDE_REVERSALS),
)
