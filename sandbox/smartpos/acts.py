"""Acts: what happens at the machines, in SmartPOS' panel and on the way to the merchant.

Documented in `sandbox/README.md`; an act on a sale answers with it as the feed shows it. What is pushed leaves
after the commit.
"""

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction

from sandbox.arguments import Arguments
from sandbox.control.clock import clock
from sandbox.outgoing import delivery_acts
from sandbox.smartpos import printing, services, wire
from sandbox.smartpos.auth import CLIENTS
from sandbox.smartpos.models import (
    APPROVED,
    CANCELLED,
    CREDIT,
    METHODS,
    REFUNDED,
    STATUSES,
    Account,
    Machine,
    Sale,
)
from sandbox.smartpos.push import BIGGEST_PUSH, PING, VENDOR_NAME, push, wanted
from sandbox.vendors import ActRefused

Act = Callable[[int, Arguments], Any]
CENTAVOS = 100
# What a burst sells, in centavos, one after another.
_PRICES = (1290, 4590, 12990, 899, 23400, 6750, 3333, 990)


def performed(act: Act) -> Callable[[str, Mapping[str, Any]], Any]:
    """The act as the register wants it: for a client, refusing unknown arguments, all or nothing."""

    def perform(client: str, given: Mapping[str, Any]) -> Any:
        with transaction.atomic(), Arguments(given) as arguments:
            return act(CLIENTS[client], arguments)

    return perform


def machine(account: int, given: Arguments) -> Any:
    """Bring a machine into SmartPOS."""
    added = services.add_machine(
        account,
        code=given.text("machine_id", None),
        store_id=given.text("store_id"),
        acquirer=given.text("acquirer", "Mercado Pago"),
        terminal_serial=given.text("terminal_serial", None),
        label=given.text("label", None),
        active=given.boolean("active", True),
        last_seen_at=given.moment("last_seen_at", clock.now()),
    )
    return wire.machine(added)


def edit_machine(account: int, given: Arguments) -> Any:
    """Change a machine in the panel."""
    machine = services.find_machine(account, given.text("machine_id"))
    for name in ("store_id", "acquirer", "terminal_serial", "label"):
        setattr(machine, name, given.text(name, getattr(machine, name)))
    machine.active = given.boolean("active", machine.active)
    machine.last_seen_at = given.moment("last_seen_at", machine.last_seen_at)
    machine.save()
    return wire.machine(machine)


def sale(account: int, given: Arguments) -> Any:
    """Make a sale at a machine."""
    fields: dict[str, Any] = {
        "amount": given.scaled("amount", None, CENTAVOS),
        "payment_method": given.word("payment_method", METHODS, CREDIT),
        "installments": given.integer("installments", 1),
        "status": given.word("status", STATUSES, APPROVED),
        "sold_at": given.moment("sold_at", clock.now()),
        **_buyer(given.raw("customer", None)),
    }
    if not fields["amount"] or fields["amount"] < 0:
        raise ActRefused("amount must be more than 0; sale_raw gives out anything")
    if given.has("id"):
        fields["code"] = given.text("id")
    for name in ("nsu", "authorization_code"):
        if given.has(name):
            fields[name] = given.text(name) or ""
    made = services.sell(machine=services.find_machine(account, given.text("machine_id")), fields=fields)
    return _told(account, made)


def sale_raw(account: int, given: Arguments) -> Any:
    """Give something out as a sale."""
    sale = given.raw("sale")
    if not isinstance(sale, dict) or not isinstance(sale.get("id"), str):
        raise ActRefused("sale must be an object with a text as id")
    row = services.put_raw(account=account, code=sale["id"], raw=json.dumps(sale), now=clock.now())
    return _told(account, row)


def cancel_sale(account: int, given: Arguments) -> Any:
    """Cancel a sale at the machine."""
    return _told(account, services.change_sale(account, given.text("sale_id"), status=CANCELLED))


def refund_sale(account: int, given: Arguments) -> Any:
    """Pay a sale back in full."""
    return _told(account, services.change_sale(account, given.text("sale_id"), status=REFUNDED))


def edit_sale(account: int, given: Arguments) -> Any:
    """Change what SmartPOS knows of a sale."""
    fields: dict[str, Any] = {}
    if given.has("amount"):
        fields["amount"] = given.scaled("amount", None, CENTAVOS)
    if given.has("customer"):
        fields |= _buyer(given.raw("customer"))
    if given.has("sold_at"):
        fields["sold_at"] = given.moment("sold_at")
    if given.has("payment_method"):
        fields["payment_method"] = given.word("payment_method", METHODS)
    if given.has("store_id"):
        fields["store_id"] = given.text("store_id")
    return _told(account, services.change_sale(account, given.text("sale_id"), **fields))


def burst(account: int, given: Arguments) -> Any:
    """Make many sales now, pushed in packets."""
    count, per_push = given.integer("count"), given.integer("per_push", BIGGEST_PUSH)
    if count < 1 or per_push < 1:
        raise ActRefused("count and per_push must be at least 1")
    code, now = given.text("machine_id", None), clock.now()
    buyers = [_buyer(buyer) for buyer in given.raw("customers", [None])]
    rows = [
        {
            "amount": _PRICES[place % len(_PRICES)],
            "payment_method": METHODS[place % 3],
            "sold_at": now,
            **buyers[place % len(buyers)],
        }
        for place in range(count)
    ]
    machines = (
        [services.find_machine(account, code)] if code else list(Machine.objects.filter(account_id=account))
    )
    if not machines:
        raise ActRefused("there is no machine")
    sales = services.sell_many(machines=machines, rows=rows)
    packets = [sales[start : start + per_push] for start in range(0, count, per_push)]
    step = given.integer("over_seconds", 0) / len(packets)
    begin = clock.instant()
    for place, packet in enumerate(packets):
        _push_later(account, packet, due_at=begin + place * step)
    pushes = len(packets) if wanted(services.account_of(account)) else 0
    return {"first": sales[0].code, "last": sales[-1].code, "pushes": pushes}


def add_customer(account: int, given: Arguments) -> Any:
    """Let SmartPOS know somebody, or more of somebody it knows by that id."""
    buyer = {name: given.text(name, "") or "" for name in wire.BUYER}
    return wire.customer(
        services.add_customer(account, now=clock.now(), code=given.text("id", None), **buyer)
    )


def expire_cursors(account: int, given: Arguments) -> None:
    """Make every cursor too old."""
    services.expire_cursors(account)


def subscribe(account: int, given: Arguments) -> Any:
    """Where pushes go and the one or two secrets that sign them, as a person enters them in the panel."""
    url = given.text("url") or ""
    secrets = given.raw("secrets", [])
    if url and (not isinstance(secrets, list) or len(secrets) not in (1, 2)):
        raise ActRefused("secrets must be a list of one or two texts")
    Account.objects.filter(pk=account).update(push_url=url, push_secrets=secrets)
    return {"url": url or None, "secrets": len(secrets)}


def ping(account: int, given: Arguments) -> None:
    """Push nothing but a sign of life."""
    push(_subscribed(account), [], event=PING)


def push_again(account: int, given: Arguments) -> Any:
    """Push some sales in one delivery, however often they were pushed before."""
    sales = _named(account, given.raw("sale_ids"))
    push(_subscribed(account), [wire.sale(sale) for sale in sales])
    return {"sales": len(sales)}


def print_file(account: int, given: Arguments) -> Any:
    """Print the file of sales."""
    columns = given.raw("columns", list(printing.COLUMNS))
    if unknown := sorted(set(columns) - set(printing.COLUMNS)):
        raise ActRefused(f"there are no columns {', '.join(unknown)}")
    if given.has("sale_ids"):
        sales = _named(account, given.raw("sale_ids"))
    else:
        sales = list(Sale.objects.filter(account_id=account, raw="").order_by("sold_at", "pk"))
    file = printing.printed(
        sales,
        kind=given.word("format", printing.KINDS),
        encoding=given.word("encoding", printing.ENCODINGS, "utf-8"),
        columns=columns,
    )
    return {"name": file.name, "base64": base64.b64encode(file.content).decode()}


def _told(account: int, sale: Sale) -> Any:
    """The sale as it goes out, pushed after the commit."""
    _push_later(account, [sale])
    return wire.sale(sale)


def _push_later(account: int, sales: list[Sale], due_at: float | None = None) -> None:
    receiver = services.account_of(account)
    if wanted(receiver):
        shown = [wire.sale(sale) for sale in sales]
        transaction.on_commit(lambda: push(receiver, shown, due_at=due_at))


def _subscribed(account: int) -> Account:
    receiver = services.account_of(account)
    if not receiver.push_url:
        raise ActRefused("no address is known, subscribe first")
    return receiver


def _named(account: int, codes: list[str]) -> list[Sale]:
    known = {sale.code: sale for sale in Sale.objects.filter(account_id=account, code__in=codes)}
    if missing := [code for code in codes if code not in known]:
        raise ActRefused(f"there are no sales {', '.join(missing)}")
    return [known[code] for code in codes]


def _buyer(given: Any) -> dict[str, str]:
    if given is None:
        return dict.fromkeys(wire.BUYER, "")
    if not isinstance(given, dict) or set(given) - set(wire.BUYER):
        raise ActRefused(f"customer must be null or any of {', '.join(wire.BUYER)}")
    return {name: str(given.get(name) or "") for name in wire.BUYER}


ACTS = {
    **{
        act.__name__: performed(act)
        for act in (
            machine, edit_machine, sale, sale_raw, cancel_sale, refund_sale, edit_sale, burst, add_customer,
            expire_cursors, subscribe, ping, print_file,
        )
    },
    "push": performed(push_again),
    **delivery_acts(VENDOR_NAME),
}  # fmt: skip
