"""Demo data of the sandbox's Smartbis: two years of an invented merchant's customers, one of sales.

Deterministic: the same number of customers on the same day gives the same rows. Rows go to SQLite in bulk and
in batches, so that a million customers need no more memory than a thousand. Knows the tables, not Django.
"""

import random
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from sandbox.keys import SPAN
from sandbox.people import person
from sandbox.rows import insert
from sandbox.smartbis.auth import CREDENTIALS
from sandbox.smartbis.codes import voucher_code
from sandbox.smartbis.demo.calendar import Calendar
from sandbox.smartbis.demo.catalogue import CATEGORIES, OFFERS
from sandbox.smartbis.demo.life import DAY, Life, Price, lived
from sandbox.smartbis.engine import POINT
from sandbox.smartbis.models import FIRST_CATEGORY, FIRST_COUPON, FIRST_CUSTOMER, FIRST_SALE
from sandbox.times import day_end, local_day

__all__ = ["demo", "prepare"]

BATCH = 2_000
SMALL = 120
_ACCOUNT = (
    "id", "credential", "customers", "coupons", "categories", "vouchers",
    "next_customer", "next_sale", "next_coupon", "next_category", "next_voucher",
)  # fmt: skip
_CUSTOMER = (
    "id", "account_id", "name", "cpf", "phone", "email", "birth_date",
    "points_balance", "cashback_balance", "created_at", "updated_at",
)  # fmt: skip
_SALE = ("id", "account_id", "customer_id", "sale_amount", "cashback_amount", "points_earned", "created_at")
_VOUCHER = (
    "account_id", "code", "code_key", "status", "customer_id", "coupon_id", "coupon_name", "origin", "value",
    "minimum_purchase", "issued_at", "starts_at", "expires_at", "used_at", "store",
)  # fmt: skip
_COUPON = (
    "id", "account_id", "name", "description", "image_url", "category_id", "points_required", "stock",
    "limit_per_customer", "starts_at", "ends_at", "rules", "paused", "updated_at",
)  # fmt: skip
_CATEGORY = ("id", "account_id", "name", "name_key", "created_at")


def prepare(connection: sqlite3.Connection) -> None:
    """What must exist even in an empty database: one account per credential."""
    firsts = (FIRST_CUSTOMER, FIRST_SALE, FIRST_COUPON, FIRST_CATEGORY, 1)
    rows = [(one.account, one.key, 0, 0, 0, 0, *firsts) for one in CREDENTIALS.values()]
    insert(connection, "smartbis_account", _ACCOUNT, rows)


def demo(connection: sqlite3.Connection, customers: int, today: int) -> None:
    """Fill every account: `customers` people for the first credential, a small copy for the others."""
    calendar = Calendar(today)
    first, *others = CREDENTIALS.values()
    _fill(connection, calendar, account=first.account, customers=customers)
    for other in others:
        _fill(connection, calendar, account=other.account, customers=min(SMALL, customers))


def _fill(connection: sqlite3.Connection, calendar: Calendar, *, account: int, customers: int) -> None:
    source = random.Random(f"sandbox {account}")
    base = account * SPAN
    _catalogue(connection, calendar, account)
    prices = sorted(
        (
            Price(FIRST_COUPON + number, offer.points * POINT, offer.limit)
            for number, offer in enumerate(OFFERS)
            if offer.points and not offer.paused and (offer.ends is None or offer.ends > 0)
        ),
        key=lambda price: price.points,
    )
    sale_key, serial = base + FIRST_SALE, 1
    for start in range(0, customers, BATCH):
        people: list[Sequence[Any]] = []
        sales: list[Sequence[Any]] = []
        vouchers: list[Sequence[Any]] = []
        for number in range(start, min(start + BATCH, customers)):
            key = base + FIRST_CUSTOMER + number
            share = (number + source.random()) / customers
            who = person(source, serial=number, account=account)
            life = lived(source, calendar, share=share, serial=number, prices=prices)
            people.append((key, account, *who, life.points, life.cashback, life.created_at, life.updated_at))
            for amount, cashback, points, moment in life.sales:
                sales.append((sale_key, account, key, amount, cashback, points, moment))
                sale_key += 1
            for row in _voucher_rows(life, account=account, customer=key, serial=serial):
                vouchers.append(row)
                serial += 1
        insert(connection, "smartbis_customer", _CUSTOMER, people)
        insert(connection, "smartbis_sale", _SALE, sales)
        insert(connection, "smartbis_voucher", _VOUCHER, vouchers)
    connection.execute(
        "UPDATE smartbis_account SET customers = ?, next_customer = ?, next_sale = ?, vouchers = ?,"
        " next_voucher = ? WHERE id = ?",
        (customers, FIRST_CUSTOMER + customers, sale_key - base, serial - 1, serial, account),
    )


def _voucher_rows(life: Life, *, account: int, customer: int, serial: int) -> Iterable[Sequence[Any]]:
    base = account * SPAN
    for number, issued in enumerate(life.vouchers, start=serial):
        code = voucher_code(serial=number, account=account)
        coupon = None if issued.coupon is None else base + issued.coupon
        name = None if issued.coupon is None else OFFERS[issued.coupon - FIRST_COUPON].name
        yield (
            account, code, code, issued.status, customer, coupon, name, issued.origin, issued.value,
            issued.minimum_purchase, issued.issued_at, issued.starts_at, issued.expires_at, issued.used_at,
            issued.store,
        )  # fmt: skip


def _catalogue(connection: sqlite3.Connection, calendar: Calendar, account: int) -> None:
    base, opened = account * SPAN, calendar.registration(0.0)[1]
    categories = {name: base + FIRST_CATEGORY + number for number, name in enumerate(CATEGORIES)}
    insert(
        connection,
        "smartbis_category",
        _CATEGORY,
        [(key, account, name, name.casefold(), opened) for name, key in categories.items()],
    )

    def start_of(days: int | None) -> int | None:
        return None if days is None else day_end(local_day(calendar.today + (days - 1) * DAY)) + 1

    def end_of(days: int | None) -> int | None:
        return None if days is None else day_end(local_day(calendar.today + days * DAY))

    rows = [
        (
            base + FIRST_COUPON + number, account, offer.name, offer.description, None,
            offer.category and categories[offer.category], offer.points and offer.points * POINT, offer.stock,
            offer.limit, start_of(offer.starts), end_of(offer.ends), offer.rules, offer.paused,
            opened + number * DAY,
        )
        for number, offer in enumerate(OFFERS)
    ]  # fmt: skip
    insert(connection, "smartbis_coupon", _COUPON, rows)
    connection.execute(
        "UPDATE smartbis_account SET coupons = ?, next_coupon = ?, categories = ?, next_category = ?"
        " WHERE id = ?",
        (len(rows), FIRST_COUPON + len(rows), len(categories), FIRST_CATEGORY + len(categories), account),
    )
