"""What Smartbis does to its data: registering, crediting, issuing, validating. Knows no HTTP and no wire
format.

Every effect is one transaction (BEGIN IMMEDIATE) whose deciding step is a conditional update or a unique
constraint, so that of two simultaneous requests exactly one has the effect. Units as in `models`. Refusals
raise `Refused`. Source: contracts smartbis-v2 §3 and communication-and-rules §1.
"""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from sandbox.keys import SPAN, key_of
from sandbox.smartbis import engine
from sandbox.smartbis.codes import voucher_code
from sandbox.smartbis.models import Account, Category, Coupon, Customer, Sale, Voucher
from sandbox.smartbis.paging import VOUCHERS, anchors
from sandbox.smartbis.refusals import (
    coupon_not_found,
    customer_not_found,
    duplicate_category,
    duplicate_cpf,
    voucher_not_found,
    voucher_refused,
)
from sandbox.smartbis.stores import API_STORE


def next_id(*, account: int, kind: str, counter: str) -> int:
    """Take the next public id of a kind and count the row; inside a transaction."""
    column = f"next_{kind}"
    Account.objects.filter(pk=account).update(**{column: F(column) + 1, counter: F(counter) + 1})
    taken: int = Account.objects.values_list(column, flat=True).get(pk=account)
    return account * SPAN + taken - 1


def create_customer(*, account: int, now: int, name: str, **fields: Any) -> Customer:
    """A new customer; a CPF that is taken is refused."""
    try:
        with transaction.atomic():
            key = next_id(account=account, kind="customer", counter="customers")
            fields.setdefault("created_at", now)
            fields.setdefault("updated_at", fields["created_at"])
            return Customer.objects.create(id=key, account_id=account, name=name, **fields)
    except IntegrityError:
        raise duplicate_cpf() from None


def customers_by_cpf(*, account: int, cpf: str) -> list[Customer]:
    """The customers with a CPF: none or one."""
    return list(Customer.objects.filter(account_id=account, cpf=cpf))


def find_customer(*, account: int, cpf: str | None = None, customer_id: str | None = None) -> Customer:
    """The customer named by CPF or by id as text; refused as `customer_not_found`."""
    if cpf is not None:
        found = Customer.objects.filter(account_id=account, cpf=cpf).first()
    else:
        found = Customer.objects.filter(pk=key_of(account=account, public_id=customer_id or "")).first()
    if found is None:
        raise customer_not_found("customer_id" if cpf is None else "cpf")
    return found


def register_sale(
    *, account: int, now: int, amount: int, cpf: str | None = None, customer_id: str | None = None
) -> Sale:
    """Register a sale and run the rule: credit cashback and points, turn a full balance into a voucher."""
    cashback, points = engine.cashback(amount=amount), engine.points(amount=amount)
    with transaction.atomic():
        customer = find_customer(account=account, cpf=cpf, customer_id=customer_id)
        Account.objects.filter(pk=account).update(next_sale=F("next_sale") + 1)
        number: int = Account.objects.values_list("next_sale", flat=True).get(pk=account)
        sale = Sale.objects.create(
            id=account * SPAN + number - 1,
            account_id=account,
            customer_id=customer.pk,
            sale_amount=amount,
            cashback_amount=cashback,
            points_earned=points,
            created_at=now,
        )
        credit(customer=customer, now=now, cashback=cashback, points=points)
        issued = _voucher_from_balance(customer=customer, now=now)
    for voucher in issued:
        note_voucher(voucher)
    # What a sale issued is part of its reply, not of its row.
    sale.vouchers = issued  # type: ignore[attr-defined]
    return sale


def credit(*, customer: Customer, now: int, cashback: int = 0, points: int = 0) -> None:
    """Change the balances, which may also fall; `customer` then holds what is stored."""
    Customer.objects.filter(pk=customer.pk).update(
        cashback_balance=F("cashback_balance") + cashback,
        points_balance=F("points_balance") + points,
        updated_at=now,
    )
    customer.refresh_from_db()


def _voucher_from_balance(*, customer: Customer, now: int) -> list[Voucher]:
    value = engine.voucher_value(balance=customer.cashback_balance)
    if not value:
        return []
    credit(customer=customer, now=now, cashback=-value)
    return [
        add_voucher(
            account=customer.account_id,
            now=now,
            customer_id=customer.pk,
            origin="cashback",
            value=value,
            minimum_purchase=engine.DEFAULT_RULE.voucher_minimum_purchase,
            expires_at=engine.expiry(issued_at=now),
        )
    ]


def add_voucher(*, account: int, now: int, code: str | None = None, **fields: Any) -> Voucher:
    """Write a new voucher, inside a transaction; `note_voucher` is due after the commit.

    Raises IntegrityError when `code` is taken; a generated code skips those that were given by hand.
    """
    while True:
        serial = next_id(account=account, kind="voucher", counter="vouchers") % SPAN
        made = code or voucher_code(serial=serial, account=account)
        if code or not Voucher.objects.filter(account_id=account, code_key=made).exists():
            break
        Account.objects.filter(pk=account).update(vouchers=F("vouchers") - 1)
    voucher = Voucher.objects.create(
        account_id=account, code=made, code_key=made.upper(), issued_at=now, **fields
    )
    voucher.read_at(now)
    return voucher


def note_voucher(voucher: Voucher) -> None:
    """After the commit of a voucher that came or went: the pages behind it have moved."""
    anchors.changed(listing=VOUCHERS, account=voucher.account_id, key=VOUCHERS.key(voucher))


def find_voucher(*, account: int, code: str, now: int) -> Voucher:
    """The voucher with a code, without regard to case, read at `now`."""
    voucher = Voucher.objects.filter(account_id=account, code_key=code.upper()).first()
    if voucher is None:
        raise voucher_not_found()
    voucher.read_at(now)
    return voucher


def validate_voucher(*, account: int, now: int, code: str, consume: bool = True) -> Voucher:
    """Consume a voucher, or with `consume` off only say that it could be; everything unusable is refused."""
    usable = Q(status=Voucher.ISSUED) & (Q(expires_at=None) | Q(expires_at__gte=now))
    usable &= Q(starts_at=None) | Q(starts_at__lte=now)
    wanted = Voucher.objects.filter(usable, account_id=account, code_key=code.upper())
    if consume:
        done = wanted.update(status=Voucher.USED, used_at=now, store=API_STORE) == 1
    else:
        done = wanted.exists()
    voucher = find_voucher(account=account, code=code, now=now)
    if done:
        return voucher
    if voucher.status_word == Voucher.ISSUED:
        raise voucher_refused("not_started")
    raise voucher_refused(voucher.status_word, voucher.used_at)


def set_stock(*, account: int, now: int, coupon_id: str, stock: int | None) -> Coupon:
    """Set a coupon's stock to an absolute number; None makes it unlimited."""
    key = key_of(account=account, public_id=coupon_id)
    if not Coupon.objects.filter(pk=key).update(stock=stock, updated_at=now):
        raise coupon_not_found()
    coupon = Coupon.objects.get(pk=key)
    coupon.read_at(now)
    return coupon


def create_category(*, account: int, now: int, name: str) -> Category:
    """A new category; a name that is taken, without regard to case, is refused."""
    try:
        with transaction.atomic():
            key = next_id(account=account, kind="category", counter="categories")
            return Category.objects.create(
                id=key, account_id=account, name=name, name_key=name.casefold(), created_at=now
            )
    except IntegrityError:
        raise duplicate_category() from None
