"""Random tills, faults, deaths and settlements against the sandbox, and its log at the end of each step.

The suite walks a fixed few hundred steps; `make chaos STEPS=10000` walks new ones.
"""

import os
import random
from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.utils import timezone
from hypothesis import HealthCheck, Phase, seed
from hypothesis import settings as hypothesis_settings
from hypothesis.stateful import run_state_machine_as_test
from pytest_django.fixtures import Settings

from sandbox.testing import SandboxServer
from smartbis_admin.api import transport
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.access import Role
from smartbis_admin.staff.models import User
from tests.till.chaos.machine import TILLS, TillMachine
from tests.till.chaos.tally import Tally
from tests.till.chaos.world import World

#: Asked for on the command line of `make chaos`; without it the suite's own few.
STEPS = int(os.environ.get("CHAOS_STEPS") or 0)
LIFE = 60
#: The first is always the plainest there is: one move again and again.
SUITE_LIVES = 9
#: Of a long walk, which begins anew with the next seed after so many: about a thousand steps.
PART_LIVES = 20
#: Verdicts that must have been reached, or the walk showed nothing.
REACHED = {
    "valid",
    "used voucher_used",
    "refused voucher_expired",
    "refused voucher_not_found",
    "not_done not_done",
}


@pytest.fixture
def world(
    transactional_db: None,
    sandbox: SandboxServer,
    connection: Connection,
    manager: User,
    make_person: Callable[..., User],
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:
    # A cashier who is patient, a till that is not, and no courtesy towards the sandbox.
    settings.SESSION_COOKIE_AGE = 90 * 24 * 3600
    # A long walk goes on beside other work: what the platform answers at all is not given up on.
    settings.API_TILL_TIMEOUT = 2 if STEPS else 0.5
    monkeypatch.setattr(transport, "READ_WAITS", (0.001, 0.001, 0.001))
    monkeypatch.setattr(transport, "MAX_RETRY_AFTER", 0.001)
    cashiers = [make_person(f"caixa{n}", Role.CASHIER) for n in range(TILLS)]
    with time_machine.travel(timezone.now().replace(microsecond=0), tick=False) as clock:
        world = World(
            sandbox=sandbox,
            connection=connection,
            cashiers=cashiers,
            manager=manager,
            tally=Tally(),
            clock=clock,
        )
        yield world
        world.end()


def walk(world: World, *, lives: int, start: int) -> None:
    """Walk so many lives; the same `start` walks the same ones."""
    limits = hypothesis_settings(
        max_examples=lives,
        stateful_step_count=LIFE,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    run_state_machine_as_test(seed(start)(lambda: TillMachine(world)), settings=limits)


def test_nothing_lost_nothing_doubled_nothing_false(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    def say(text: str) -> None:
        if STEPS:
            with capsys.disabled():
                print(f"\n{text}", flush=True)

    start = int(os.environ.get("CHAOS_SEED") or 0) or (random.randrange(1, 2**32) if STEPS else 4)
    parts = 0
    try:
        while not parts or world.tally.steps < STEPS:
            say(f"{world.tally.steps} steps; on with CHAOS_SEED={start + parts}")
            walk(world, lives=PART_LIVES if STEPS else SUITE_LIVES, start=start + parts)
            parts += 1
    finally:
        say(world.tally.show())
    assert world.tally.words("verdicts") >= REACHED, world.tally.show()
