"""`manage.py demo_messages`: our texts and the addresses of next steps, for trying the program. Demo mode only.

Nothing is switched on, and nobody has agreed to be written to: both are for a person to do.
"""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from smartbis_admin.staff.access import Role
from smartbis_admin.staff.models import User
from vouchers.outreach.models import Preferences
from vouchers.outreach.services import save_preferences
from vouchers.outreach.texts import use_defaults

PORTAL, TALK = "https://clube.example/", "https://wa.me/5511400000001"


class Command(BaseCommand):
    help = "Write the texts and addresses of messages in demo mode; running it again changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("demo_messages runs in demo mode only (DEMO=on)")
        owner = User.objects.get(email=f"{Role.OWNER.value}@demo.test")
        if not Preferences.objects.exclude(portal_url="").exists():
            save_preferences(values={"portal_url": PORTAL, "talk_url": TALK}, by=owner)
        use_defaults(by=owner)
