"""The engine's arithmetic and the voucher codes, without server and without Django."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox.smartbis import engine
from sandbox.smartbis.codes import voucher_code

TABLE = [
    # amount, cashback at 5 %, points at 0.1, 1 and 2 per BRL (communication-and-rules §1); hundredths
    (12990, 650, 1299, 12990, 25980),
    (3333, 167, 333, 3333, 6666),
    (999, 50, 99, 999, 1998),
    (10, 1, 1, 10, 20),
    (9, 0, 0, 9, 18),
]


@pytest.mark.parametrize(("amount", "cashback", "tenth", "one", "two"), TABLE)
def test_the_contracts_table_of_amounts(amount: int, cashback: int, tenth: int, one: int, two: int) -> None:
    assert engine.cashback(amount=amount) == cashback
    given = [
        engine.points(amount=amount, rule=engine.Rule(points_per_brl=rate))
        for rate in (1_000, 10_000, 20_000)
    ]
    assert given == [tenth * 100, one * 100, two * 100]


@pytest.mark.parametrize(
    ("percent", "expected"), [(0, 0), (10_000, 1299), (20_000, 2598), (100_000, 12990), (1, 0), (4, 1)]
)
def test_cashback_is_rounded_half_up_at_any_percentage(percent: int, expected: int) -> None:
    assert engine.cashback(amount=12990, rule=engine.Rule(percent=percent)) == expected


@pytest.mark.parametrize(("balance", "value"), [(0, 0), (1999, 0), (2000, 2000), (5650, 5650)])
def test_the_whole_balance_becomes_a_voucher_at_the_threshold(balance: int, value: int) -> None:
    assert engine.voucher_value(balance=balance) == value


@pytest.mark.parametrize(
    ("issued", "last_second"),
    [
        # The contract's own example: issued on 1 March, valid through 30 May in São Paulo.
        ("2026-03-01T14:05:09", "2026-05-31T02:59:59"),
        # One in the morning UTC is still the day before in São Paulo.
        ("2026-03-02T01:00:00", "2026-05-31T02:59:59"),
        ("2026-03-02T03:00:00", "2026-06-01T02:59:59"),
    ],
)
def test_validity_ends_with_the_local_day(issued: str, last_second: str) -> None:
    issued_at = int(datetime.fromisoformat(issued).replace(tzinfo=UTC).timestamp())
    expires_at = engine.expiry(issued_at=issued_at)
    assert datetime.fromtimestamp(expires_at, UTC).replace(tzinfo=None).isoformat() == last_second


def test_no_voucher_code_repeats() -> None:
    codes = {voucher_code(serial=serial, account=1) for serial in range(1, 100_001)}
    assert len(codes) == 100_000
    assert voucher_code(serial=1, account=1) != voucher_code(serial=1, account=2)
    assert all(len(code) == 12 and not set(code[5:]) & set("01IO") for code in list(codes)[:1000])


def test_the_pure_parts_load_no_django() -> None:
    program = (
        "import sys, sandbox.testing, sandbox.smartbis.engine, sandbox.smartbis.codes;"
        "print(sorted(name for name in sys.modules if name.split('.')[0] in ('django', 'ninja')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert done.stdout == "[]\n"
