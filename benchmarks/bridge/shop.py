"""Makes the shop of the benchmark, or takes a file in: runs in the back office's environment.

`shop.py make` prints the push address; `shop.py file NAME` uploads and starts a file and prints its key.
"""

import os
import sys
from pathlib import Path

import django

django.setup()

from customers.bridge import files, setting_up  # noqa: E402
from customers.bridge.models import Bridge  # noqa: E402
from smartbis_admin.api.capabilities import Resource  # noqa: E402
from smartbis_admin.connections.doors import door_token  # noqa: E402
from smartbis_admin.connections.services import create_connection  # noqa: E402
from smartbis_admin.staff.models import User  # noqa: E402
from smartbis_admin.sync import jobs  # noqa: E402


def make() -> str:
    """A programme with its customers read, and a bridge that registers for it."""
    owner = User.objects.create_superuser("dona@bench.test", "bench")
    target = create_connection(
        by=owner,
        provider="smartbis",
        name="Programa",
        base_url=os.environ["BENCH_PROGRAMME"],
        credentials={"api_key": "sandbox-laravel", "api_secret": "sandbox-secret"},
    )
    machines = create_connection(
        by=owner,
        provider="smartpos",
        name="Maquininhas",
        base_url=os.environ["BENCH_MACHINES"],
        credentials={
            "client_id": "sandbox-pos",
            "client_secret": "sandbox-secret",
            "push_secret": os.environ["BENCH_SECRET"],
        },
    )
    bridge = setting_up.bridge_of(machines)
    setting_up.choose_mode(bridge=bridge, target=target, mode="register", by=owner)
    jobs.sync_everywhere(Resource.CUSTOMERS)
    return f"/api/smartpos/{door_token(machines)}/"


def take(path: Path) -> str:
    """Upload a file and have it imported."""
    owner = User.objects.get()
    file, _new = files.upload(
        bridge=Bridge.objects.get(), name=path.name, content=path.read_bytes(), by=owner
    )
    files.start(file=file, by=owner)
    return str(file.pk)


if __name__ == "__main__":
    print(make() if sys.argv[1] == "make" else take(Path(sys.argv[2])))
