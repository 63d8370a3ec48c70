"""`manage.py demo`: people, stores and a connection to the sandbox, for trying the program. Demo mode only."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError

from customers.models import ProgrammeRule
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.providers import Provider
from smartbis_admin.connections.services import create_connection
from smartbis_admin.staff.access import Role
from smartbis_admin.staff.models import Store, Till, User
from smartbis_admin.sync.models import SyncRun
from smartbis_admin.sync.services import request_run

PASSWORD = "demo"  # noqa: S105 - exists in demo mode on loopback only
PEOPLE = {
    Role.OWNER: ("Olívia", "Prado"),
    Role.MANAGER: ("Marcos", "Teixeira"),
    Role.CASHIER: ("Carla", "Nunes"),
    Role.VIEWER: ("Vítor", "Lima"),
}
STORES = {"Loja Centro": ["Caixa 1", "Caixa 2"], "Loja Praia": ["Caixa 1"]}


class Command(BaseCommand):
    help = "Creates the demo people, stores and the sandbox connection. Safe to run again."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("demo data exist in demo mode only: set DEMO=on (loopback only)")
        for role, (first, last) in PEOPLE.items():
            self.person(role, first, last)
        for store_name, tills in STORES.items():
            store, _new = Store.objects.get_or_create(name=store_name)
            for name in tills:
                Till.objects.get_or_create(store=store, name=name)
        self.connection()

    def person(self, role: Role, first: str, last: str) -> None:
        email = f"{role.value}@demo.test"
        if User.objects.filter(email=email).exists():
            return
        user = User.objects.create_user(
            email,
            PASSWORD,
            first_name=first,
            last_name=last,
            is_staff=role is Role.OWNER,
            is_superuser=role is Role.OWNER,
        )
        user.groups.set([Group.objects.get(name=role.value)])

    def connection(self) -> None:
        base_url = f"{settings.SANDBOX_URL}/smartbis/v2/"
        known = Connection.objects.filter(name="Smartbis (ambiente de testes)").first()
        if known:
            # The sandbox may listen on another port than last time.
            if known.base_url != base_url:
                Connection.objects.filter(pk=known.pk).update(base_url=base_url)
            return
        connection = create_connection(
            by=None,
            provider=Provider.SMARTBIS,
            name="Smartbis (ambiente de testes)",
            base_url=base_url,
            credentials={"api_key": "sandbox-laravel", "api_secret": "sandbox-secret"},
        )
        ProgrammeRule.objects.create(
            connection=connection,
            cashback_percent=Decimal(5),
            points_per_brl=Decimal(1),
            voucher_threshold=Decimal(20),
        )
        for resource in Resource:
            request_run(connection=connection, resource=resource, trigger=SyncRun.Trigger.FIRST)
