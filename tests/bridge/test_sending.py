"""Eligible sales become registered ones, each once: outcomes, lost answers, restarts, two workers, cancellations."""

from decimal import Decimal

import pytest

from customers.bridge.models import Bridge, PosSale
from customers.bridge.working import work
from customers.models import Customer, Sale
from sandbox.testing import SandboxServer
from tests.bridge.conftest import CPFS, life_of, posted, received, record

pytestmark = pytest.mark.django_db


def test_a_sale_is_matched_checked_and_registered(
    bridge: Bridge, ana: Customer, sandbox: SandboxServer
) -> None:
    [sale] = received(bridge, record("a", cpf=CPFS[0], machine_id="M1"))
    assert (sale.state, life_of(sale)) == ("received", [("stored", "received")])
    work(bridge.pk)
    sale.refresh_from_db()
    assert (sale.state, sale.reason, sale.customer) == ("registered", "", ana)
    assert life_of(sale)[1:] == [("found", "matched"), ("passed", "eligible"), ("sent", "registered")]
    assert posted(sandbox) == 1
    registered = Sale.objects.get(write=sale.write)
    assert (registered.amount, registered.customer_remote_id) == (Decimal("129.90"), ana.remote_id)
    assert (registered.sold_at, registered.machine, registered.payment_method) == (
        sale.sold_at,
        "M1",
        "credit",
    )
