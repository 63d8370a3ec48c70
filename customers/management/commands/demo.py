"""`manage.py demo`: people, stores and connections to the sandbox, for trying the program. Demo mode only.

The sandbox is told where to send what it has for us; that is its control plane's call, and no vendor's.
"""

import time
from decimal import Decimal
from typing import Any, NamedTuple

import requests
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError

from customers.bridge.models import Bridge
from customers.bridge.setting_up import bridge_of, choose_mode
from customers.rules.models import RuleVersion
from smartbis_admin.connections.doors import door_address
from smartbis_admin.connections.models import Colour, Connection
from smartbis_admin.connections.providers import Provider
from smartbis_admin.connections.services import create_connection
from smartbis_admin.staff.access import Role
from smartbis_admin.staff.models import Store, Till, User
from smartbis_admin.sync.jobs import request_all
from smartbis_admin.sync.models import SyncRun

PASSWORD = "demo"  # noqa: S105 - exists in demo mode on loopback only
PEOPLE = {
    Role.OWNER: ("Olívia", "Prado"),
    Role.MANAGER: ("Marcos", "Teixeira"),
    Role.CASHIER: ("Carla", "Nunes"),
    Role.VIEWER: ("Vítor", "Lima"),
}
#: What the sandbox signs its deliveries of sales with, and how long it may take to come up, in seconds.
PUSH_SECRET = "sandbox-webhook-secret"  # noqa: S105 - exists in demo mode on loopback only
SANDBOX_STARTS = 10
STORES = {"Loja Centro": ["Caixa 1", "Caixa 2"], "Loja Praia": ["Caixa 1"]}


class Platform(NamedTuple):
    """One account of the sandbox."""

    provider: Provider
    name: str
    programme: str
    colour: Colour
    path: str
    credentials: dict[str, str]


PLATFORMS = [
    Platform(
        Provider.SMARTBIS,
        "Smartbis (ambiente de testes)",
        "Clube das Lojas",
        Colour.BLUE,
        "/smartbis/v2/",
        {"api_key": "sandbox-laravel", "api_secret": "sandbox-secret"},
    ),
    Platform(
        Provider.SMILE,
        "Smile.io (ambiente de testes)",
        "Clube da Loja Virtual",
        Colour.PURPLE,
        "/smile/",
        {"secret_key": "sandbox_smile_current"},
    ),
    Platform(
        Provider.SMARTPASSES,
        "Smart Passes (ambiente de testes)",
        "Cartão na Carteira",
        Colour.GREEN,
        "/smartpasses/api/v1/loyalty/",
        {"app_key": "sandbox-app-key", "program_id": "4000000000000001"},
    ),
    Platform(
        Provider.SMARTPOS,
        "SmartPOS (ambiente de testes)",
        "",
        Colour.BLUE,
        "/smartpos/",
        {
            "client_id": "sandbox-pos",
            "client_secret": "sandbox-secret",
            "push_secret": PUSH_SECRET,
        },
    ),
    Platform(
        Provider.WHATSAPP,
        "WhatsApp (ambiente de testes)",
        "",
        Colour.BLUE,
        "/whatsapp/v21.0/",
        {
            "phone_number_id": "100000000000001",
            "access_token": "sandbox-whatsapp-token",
            "app_secret": "sandbox-whatsapp-app-secret",
        },
    ),
]


class Command(BaseCommand):
    help = "Creates the demo people, stores and the connections to the sandbox. Safe to run again."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("demo data exist in demo mode only: set DEMO=on (loopback only)")
        for role, (first, last) in PEOPLE.items():
            self.person(role, first, last)
        for store_name, tills in STORES.items():
            store, _new = Store.objects.get_or_create(name=store_name)
            for name in tills:
                Till.objects.get_or_create(store=store, name=name)
        for platform in PLATFORMS:
            self.connection(platform)
        self.bridge()
        self.doors()

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

    def connection(self, platform: Platform) -> None:
        base_url = settings.SANDBOX_URL + platform.path
        known = Connection.objects.filter(name=platform.name).first()
        if known:
            # The sandbox may listen on another port than last time.
            if known.base_url != base_url:
                Connection.objects.filter(pk=known.pk).update(base_url=base_url)
            return
        connection = create_connection(
            by=None,
            provider=platform.provider,
            name=platform.name,
            base_url=base_url,
            credentials=platform.credentials,
            programme=platform.programme,
            colour=platform.colour,
        )
        if platform.provider == Provider.SMARTBIS:
            RuleVersion.objects.create(
                connection=connection,
                valid_from=connection.created_at,
                cashback_percent=Decimal(5),
                points_per_brl=Decimal(1),
                voucher_threshold=Decimal(20),
                voucher_validity_days=90,
                voucher_minimum_purchase=Decimal(50),
            )
        if connection.spec.is_programme:
            request_all(connection, SyncRun.Trigger.FIRST)

    def bridge(self) -> None:
        """Let the sales of the card machines be registered in the stores' programme, in the manager's name."""
        target = Connection.objects.get(name=PLATFORMS[0].name)
        manager = User.objects.get(email=f"{Role.MANAGER.value}@demo.test")
        bridge = bridge_of(Connection.objects.get(provider=Provider.SMARTPOS, name=PLATFORMS[3].name))
        if not bridge.mode:
            choose_mode(bridge=bridge, target=target, mode=Bridge.Mode.REGISTER, by=manager)

    def doors(self) -> None:
        """Tell the sandbox our addresses; both may have other ports than last time."""
        for connection in Connection.objects.filter(name__in=[platform.name for platform in PLATFORMS]):
            known = connection.credentials
            args: dict[str, Any] = {"url": door_address(connection)}
            if connection.provider == Provider.SMARTPOS:
                args |= {"secrets": [known["push_secret"]]}
                self.tell_sandbox("smartpos", known["client_id"], args)
            elif connection.provider == Provider.WHATSAPP:
                args |= {"verify_token": known["verify_token"], "verify": False}
                self.tell_sandbox("whatsapp", known["phone_number_id"], args)

    def tell_sandbox(self, vendor: str, credential: str, args: dict[str, Any]) -> None:
        order = {"vendor": vendor, "credential": credential, "action": "subscribe", "args": args}
        ends = time.monotonic() + SANDBOX_STARTS
        while True:
            try:
                requests.post(
                    f"{settings.SANDBOX_URL}/_sandbox/act", json=order, timeout=5
                ).raise_for_status()
                return
            except requests.RequestException as error:
                if not isinstance(error, requests.ConnectionError) or time.monotonic() >= ends:
                    self.stderr.write(
                        f"{vendor}: the sandbox was not told our address; run this command again"
                    )
                    return
            time.sleep(0.25)
