"""`manage.py demo_messages`: what messages need to be tried with: texts, addresses, people who agreed. Demo mode only.

Without an option it writes our texts and the addresses of next steps. With `--people` it waits until the people of the
sandbox are here, records which of them agreed to be written to, and switches one automation on. That one writes by
e-mail, and only while e-mails stay on this machine; everything else is for a person to switch on.
"""

import time
import zlib
from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from customers.consents import record_consent
from customers.models import Consent, Customer
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.providers import Provider
from smartbis_admin.staff.access import Role
from smartbis_admin.staff.models import User
from smartbis_admin.sync.models import SyncRun
from vouchers.outreach.models import Preferences
from vouchers.outreach.models.texts import CHANNELS
from vouchers.outreach.people import address_of
from vouchers.outreach.services import automation_of, configure, save_preferences, switch_off, switch_on
from vouchers.outreach.texts import use_defaults
from vouchers.outreach.triggers import Trigger

PORTAL, TALK = "https://clube.example/", "https://wa.me/5511400000001"
AUTOMATION = Trigger.VOUCHER_EXPIRING
#: What Django does with e-mails without handing them to anybody.
STAYS_HERE = {f"django.core.mail.backends.{kind}.EmailBackend" for kind in ("console", "filebased", "locmem")}
#: How long the people are waited for.
FIRST_READING = timedelta(minutes=10)
#: Customers whose statements are recorded in one transaction; the synchronisation writes beside it.
PIECE = 200


class Command(BaseCommand):
    help = "Write what messages need to be tried in demo mode; running it again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--people", action="store_true", help="wait for the people and record who agreed")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("demo_messages runs in demo mode only (DEMO=on)")
        owner = User.objects.get(email=f"{Role.OWNER.value}@demo.test")
        if options["people"]:
            self.people(owner)
            self.switch_on(owner)
            return
        if not Preferences.objects.exclude(portal_url="").exists():
            save_preferences(values={"portal_url": PORTAL, "talk_url": TALK}, by=owner)
        use_defaults(by=owner)
        if settings.EMAIL_BACKEND not in STAYS_HERE:
            switch_off(automation=automation_of(AUTOMATION), by=owner)

    def people(self, owner: User) -> None:
        """Record what the people of each programme said, once, when the programme was read for the first time."""
        ours = Connection.objects.programmes().filter(base_url__startswith=f"{settings.SANDBOX_URL}/")
        silent = [one for one in ours if not Consent.objects.filter(customer__connection=one).exists()]
        ends = time.monotonic() + FIRST_READING.total_seconds()
        while True:
            for connection in list(silent):
                if read_at := self.first_reading(connection):
                    self.consents(connection, read_at, owner)
                    silent.remove(connection)
            if not silent or time.monotonic() >= ends:
                break
            time.sleep(1)
        for connection in silent:
            self.stderr.write(f"{connection.provider}: nobody was read yet; run this command again")

    def first_reading(self, connection: Connection) -> datetime | None:
        runs = SyncRun.objects.filter(
            connection=connection, resource=Resource.CUSTOMERS, state=SyncRun.State.DONE
        )
        read_at: datetime | None = runs.aggregate(at=Min("finished_at"))["at"]
        return read_at

    def consents(self, connection: Connection, read_at: datetime, owner: User) -> None:
        """Two thirds of those that came with the first reading: who was entered later is no one of the sandbox's."""
        rows = Customer.objects.filter(connection=connection, first_seen_at__lte=read_at).order_by("pk")
        in_store = connection.provider == Provider.SMARTBIS
        people = list(rows)
        for start in range(0, len(people), PIECE):
            with transaction.atomic():
                for customer in people[start : start + PIECE]:
                    for channel in CHANNELS:
                        chance = zlib.crc32(f"{channel}:{customer.remote_id}".encode())
                        if chance % 3 == 0 or not address_of(customer, channel):
                            continue
                        record_consent(
                            customer=customer,
                            channel=channel,
                            is_given=True,
                            said_on=timezone.localdate(customer.remote_created_at or customer.first_seen_at),
                            source=Consent.Source.STORE if in_store else Consent.Source.SITE,
                            proof="Dados de demonstração",
                            by=owner if in_store else None,
                        )

    def switch_on(self, owner: User) -> None:
        """Once: who switches it off again means it."""
        automation = automation_of(AUTOMATION)
        if automation.switched_on_at is not None or settings.EMAIL_BACKEND not in STAYS_HERE:
            return
        configure(
            automation=automation,
            channels=[Consent.Channel.EMAIL.value],
            language=automation.language,
            held_out_percent=automation.held_out_percent,
            thresholds=automation.thresholds,
            by=owner,
        )
        switch_on(automation=automation, by=owner)
