"""What happens at the machines: sales are made, changed, cancelled. Knows no HTTP and no wire format.

Every effect is one transaction (BEGIN IMMEDIATE) of the caller; whatever changes comes to the end of its feed.
Source: contract smartpos.md §2.1 and §2.2.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import F

from sandbox.rows import insert
from sandbox.smartpos.models import APPROVED, CASH, PIX, Account, Customer, Machine, Sale
from sandbox.vendors import ActRefused

_BUYER = ("cpf", "phone", "email", "name")


def account_of(account: int) -> Account:
    """The account's row as it is now."""
    return Account.objects.get(pk=account)


def next_change(account: int, count: int = 1) -> int:
    """Reserve `count` numbers of change; gives the first."""
    Account.objects.filter(pk=account).update(changes=F("changes") + count)
    return account_of(account).changes - count + 1


def find_machine(account: int, code: str) -> Machine:
    """The machine with an id."""
    machine = Machine.objects.filter(account_id=account, code=code).first()
    if machine is None:
        raise ActRefused(f"there is no machine {code}")
    return machine


def find_sale(account: int, code: str) -> Sale:
    """The sale with an id."""
    sale = Sale.objects.filter(account_id=account, code=code).first()
    if sale is None:
        raise ActRefused(f"there is no sale {code}")
    return sale


def add_machine(account: int, **fields: Any) -> Machine:
    """A machine is brought in; without an id, number and name it gets the next ones."""
    number = Machine.objects.filter(account_id=account).count() + 1
    named = {
        "code": f"maq-{number:02d}",
        "terminal_serial": f"SP{number:06d}",
        "label": f"Maquininha {number}",
        **{key: value for key, value in fields.items() if value is not None},
    }
    if Machine.objects.filter(account_id=account, code=named["code"]).exists():
        raise ActRefused(f"there is a machine {named['code']} already")
    return Machine.objects.create(account_id=account, **named)


def sell(*, machine: Machine, fields: Mapping[str, Any]) -> Sale:
    """A sale at a machine; what is not given is made up from its number."""
    [sale] = sell_many(machines=[machine], rows=[fields])
    return sale


def sell_many(*, machines: Sequence[Machine], rows: Sequence[Mapping[str, Any]]) -> list[Sale]:
    """Sales at the machines in turn, as many as there are rows."""
    account = machines[0].account_id
    first, change = _next_sale(account, len(rows)), next_change(account, len(rows))
    blank = dict.fromkeys((*_BUYER, "raw"), "")
    sales = []
    for place, fields in enumerate(rows):
        machine, number = machines[place % len(machines)], first + place
        made = {
            "account_id": account,
            "code": f"pos-{number:06d}",
            "change": change + place,
            "machine": machine.code,
            "acquirer": machine.acquirer,
            "terminal_serial": machine.terminal_serial,
            "store_id": machine.store_id,
            "installments": 1,
            "status": APPROVED,
            **blank,
            **_slip(number, fields["payment_method"]),
            **fields,
        }
        # Past Django's own making of a row, which takes longer than all the rest of a burst.
        sale = Sale.__new__(Sale)
        sale.__dict__.update(made)
        sales.append(sale)
    names = tuple(made)
    try:
        insert(
            connection.connection,
            "smartpos_sale",
            names,
            ([row.__dict__[name] for name in names] for row in sales),
        )
    except sqlite3.IntegrityError:
        raise ActRefused("there is a sale with this id already") from None
    newest = max(sale.sold_at for sale in sales)
    codes = {machine.code for machine in machines}
    Machine.objects.filter(account_id=account, code__in=codes, last_seen_at__lt=newest).update(
        last_seen_at=newest
    )
    return sales


def put_raw(*, account: int, code: str, raw: str, now: int) -> Sale:
    """Something is given out as a sale, whatever it is; a second time it takes the place of the first."""
    blank = {"machine": "", "acquirer": "", "terminal_serial": "", "store_id": "", "payment_method": PIX}
    changed = {"raw": raw, "change": next_change(account)}
    sale, _ = Sale.objects.update_or_create(
        account_id=account,
        code=code,
        defaults=changed,
        create_defaults={**blank, **changed, "amount": 0, "sold_at": now},
    )
    return sale


def change_sale(account: int, code: str, **fields: Any) -> Sale:
    """Change a sale; it comes again in the feed."""
    sale = find_sale(account, code)
    for name, value in fields.items():
        setattr(sale, name, value)
    sale.change = next_change(account)
    sale.save()
    return sale


def add_customer(account: int, *, now: int, **fields: Any) -> Customer:
    """SmartPOS gets to know somebody, or more of somebody it knows by that id."""
    code = fields.pop("code", None)
    if code is None:
        Account.objects.filter(pk=account).update(customers=F("customers") + 1)
        code = f"cli-{account_of(account).customers:05d}"
    customer, _ = Customer.objects.update_or_create(
        account_id=account,
        code=code,
        defaults={**fields, "change": next_change(account), "updated_at": now},
    )
    return customer


def expire_cursors(account: int) -> None:
    """Every cursor that was given out is too old from now on."""
    Account.objects.filter(pk=account).update(cursors=F("cursors") + 1)


def _next_sale(account: int, count: int) -> int:
    Account.objects.filter(pk=account).update(sales=F("sales") + count)
    return account_of(account).sales - count + 1


def _slip(number: int, method: str) -> dict[str, str]:
    """The numbers on the printed slip; neither cash nor pix has them."""
    if method in (CASH, PIX):
        return {"nsu": "", "authorization_code": ""}
    return {"nsu": f"{number:09d}", "authorization_code": f"{number * 7919 % 1_000_000:06d}"}
