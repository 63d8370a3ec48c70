"""How long buyer data of a sale are kept: they are of no use once its life is over.

The sale itself, its life and the customer it was linked to stay; its hashes still tell whether it comes again.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from customers.bridge.models import FeedIssue, PosBuyer, PosFile, PosFileContent, PosFileError, PosSale

State = PosSale.State
_OVER = (State.REGISTERED, State.REVERSED, State.INELIGIBLE, State.REJECTED)
_BUYER = ("buyer_cpf", "buyer_phone", "buyer_email", "buyer_name")
_BATCH = 1000


def erase_old(now: datetime | None = None) -> int:
    """Erase what came about buyers and in bad rows `IMPORT_DAYS` after it was over. Returns how many sales."""
    before = (now or timezone.now()) - timedelta(days=settings.IMPORT_DAYS)
    known = ~Q(**dict.fromkeys(_BUYER, "")) | Q(later_content__isnull=False)
    over = PosSale.objects.filter(known, state__in=_OVER, state_since__lt=before, reversal_due=False)
    count = 0
    while keys := list(over.values_list("pk", flat=True)[:_BATCH]):
        blank = dict.fromkeys(_BUYER, "")
        count += PosSale.objects.filter(pk__in=keys).update(**blank, later_content=None)
    PosBuyer.objects.filter(updated_at__lt=before).delete()
    FeedIssue.objects.filter(last_at__lt=before).delete()
    files = PosFile.objects.filter(created_at__lt=before)
    PosFileError.objects.filter(file__in=files.filter(state__in=PosFile.OVER)).delete()
    PosFileContent.objects.filter(file__in=files.exclude(state=PosFile.State.RUNNING)).delete()
    return count
