"""Look before the act: vouchers that are shown first and used with Enter or a second scan.

Owns which vouchers those are and the memory, in the session, of the one that was shown. Reads the mirror
alone; nothing is sent before somebody confirmed. Source: `cashier-screen.md` law 7.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.rules.estimating import Expectation
from customers.services import estimate_benefit
from smartbis_admin.staff.models import Store, Till
from smartbis_admin.ui.formats import money
from vouchers.models import Redemption, Voucher, VoucherFlag

KEY = "look"
#: How long after it was shown a voucher may be used without being shown again.
MEMORY = timedelta(minutes=3)


@dataclass(frozen=True)
class Look:
    """A voucher that is shown before it is used, and why (a sentence)."""

    voucher: Voucher
    why: str


def voucher_to_show(voucher: Voucher | None, till: Till) -> Look | None:
    """The voucher when it has to be shown first; None: validate it. Reads `flag`.

    Only what the mirror knows as usable is shown: everything else the platform refuses by itself.
    """
    if voucher is None or voucher.effective_status != Voucher.Status.ISSUED:
        return None
    flag: VoucherFlag | None = getattr(voucher, "flag", None)
    if flag:
        return Look(voucher, _("Marcado para conferência: %(note)s") % {"note": flag.note})
    limit = till.store.look_above
    if limit is not None and voucher.value is not None and voucher.value > limit:
        return Look(voucher, _("Vale mais que o limite da loja, de %(limit)s.") % {"limit": money(limit)})
    return None


def remember(request: HttpRequest, *, till: Till, scan_id: uuid.UUID, look: Look) -> None:
    """Note that this voucher was shown at this till, by this scan."""
    request.session[KEY] = {
        "till": till.pk,
        "scan": str(scan_id),
        "voucher": look.voucher.pk,
        "at": timezone.now().isoformat(),
    }


def shown_voucher(request: HttpRequest, till: Till) -> Voucher | None:
    """The voucher that was shown at this till a moment ago; None: none, or too long ago."""
    kept: dict[str, Any] = request.session.get(KEY) or {}
    if kept.get("till") != till.pk or timezone.now() - datetime.fromisoformat(kept["at"]) > MEMORY:
        return None
    return Voucher.objects.select_related("customer", "connection").filter(pk=kept["voucher"]).first()


def forget(request: HttpRequest) -> None:
    """The next scan of the voucher shows it again."""
    request.session.pop(KEY, None)


def must_show(
    request: HttpRequest, *, till: Till, scan_id: uuid.UUID, voucher: Voucher | None
) -> Look | None:
    """The voucher to show instead of validating it; None: it needs no look, or had one.

    The same scan sent again is not a second scan: a lost answer must not use what nobody saw.
    """
    look = voucher_to_show(voucher, till)
    if look is None or Redemption.objects.filter(pk=scan_id).exists():
        return None
    shown = shown_voucher(request, till)
    if shown == look.voucher and request.session[KEY]["scan"] != str(scan_id):
        forget(request)
        return None
    remember(request, till=till, scan_id=scan_id, look=look)
    return look


@dataclass(frozen=True)
class Check:
    """What a typed sale amount means for a voucher."""

    #: The sale is below the voucher's minimum purchase.
    is_below: bool
    minimum: Decimal | None
    #: What the sale is expected to bring; None: no rule is entered.
    estimate: Expectation | None


def check_sale(voucher: Voucher, amount: Decimal, store: Store) -> Check:
    """Check a sale of `amount` BRL in this store against a voucher. The platform decides; this is what we expect."""
    minimum = voucher.minimum_purchase
    is_below = minimum is not None and amount < minimum
    return Check(is_below, minimum, estimate_benefit(voucher.connection, amount, store=store))
