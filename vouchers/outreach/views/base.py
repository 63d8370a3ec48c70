"""What the screens of communication share: their place, and how long back they look."""

from datetime import datetime, timedelta
from typing import cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from smartbis_admin.staff.models import User
from smartbis_admin.ui.gate import AccessMixin, Breadcrumbs, Text

PLACE = _("Comunicação")
#: Periods of results, in days.
PERIODS = (30, 90, 365)


class Screen(AccessMixin):
    """Base of the pages below the overview. `tab` is the entry of `outreach/tabs.html` they stand under."""

    abstract = True
    tab = ""

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(PLACE, reverse("outreach:overview"))]

    @property
    def person(self) -> User:
        """Who acts."""
        return cast(User, self.request.user)


def asked_days(request: HttpRequest) -> int:
    """The period of results the address asks for, in days."""
    asked = request.GET.get("dias", "")
    return int(asked) if asked in map(str, PERIODS) else PERIODS[0]


def period(days: int) -> tuple[datetime, datetime]:
    """The last so many days, up to now."""
    now = timezone.now()
    return now - timedelta(days=days), now


def campaigns_place() -> tuple[Text, str]:
    """Where all of them are."""
    return _("Campanhas"), reverse("outreach:campaign_list")
