"""Makes the shop of the benchmark: a connection, tills with signed-in cashiers on open shifts, the mirror read.

Runs in the back office's environment; prints, as its last line, the sessions of the tills in JSON.
"""

import json
import os

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth.models import Group  # noqa: E402
from django.test import Client  # noqa: E402

from smartbis_admin.api.capabilities import Resource  # noqa: E402
from smartbis_admin.connections.services import create_connection  # noqa: E402
from smartbis_admin.staff.access import Role  # noqa: E402
from smartbis_admin.staff.models import Store, Till, User  # noqa: E402
from smartbis_admin.staff.shifts import open_shift  # noqa: E402
from smartbis_admin.sync import jobs  # noqa: E402


def stand(store: Store, number: int) -> str:
    """A cashier on an open shift at a till of their own; the key of their session."""
    till = Till.objects.create(store=store, name=f"Caixa {number}")
    cashier = User.objects.create_user(f"caixa{number}@bench.test", first_name=f"Caixa {number}")
    cashier.groups.add(Group.objects.get(name=Role.CASHIER.value))
    client = Client()
    client.force_login(cashier, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session["till"] = till.pk
    session.save()
    open_shift(till=till, cashier=cashier)
    return str(client.cookies[settings.SESSION_COOKIE_NAME].value)


if __name__ == "__main__":
    keys = {"api_key": "sandbox-laravel", "api_secret": "sandbox-secret"}
    create_connection(
        by=None, provider="smartbis", name="Bench", base_url=os.environ["BENCH_BASE"], credentials=keys
    )
    jobs.sync_everywhere(Resource.CUSTOMERS)
    jobs.sync_everywhere(Resource.VOUCHERS)
    centre = Store.objects.create(name="Loja Centro", lock_after_minutes=600)
    print(json.dumps([stand(centre, number) for number in range(int(os.environ["BENCH_TILLS"]))]))
