"""Acts: changes behind the client's back, as the Smartbis panel, another till or the customer would make
them.

Source: contract README §4; argument names and the acts beyond the contract are documented in
`sandbox/README.md`. An act answers with the object in the shape of profile `laravel`, whatever the
credential's profile is.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from sandbox.control.clock import clock
from sandbox.keys import key_of
from sandbox.smartbis import engine, services
from sandbox.smartbis.arguments import SmartbisArguments
from sandbox.smartbis.auth import CREDENTIALS
from sandbox.smartbis.models import Account, Coupon, Customer, Owned, Voucher
from sandbox.smartbis.paging import COUPONS, CUSTOMERS, Listing, anchors
from sandbox.smartbis.refusals import Refused
from sandbox.smartbis.wire import LARAVEL
from sandbox.times import day_end, local_day
from sandbox.vendors import ActRefused

Act = Callable[[int, int, SmartbisArguments], Any]
# Origins that are paid from a balance, which the issue then debits.
FROM_CASHBACK = ("cashback", "balance")
ORIGINS = (*FROM_CASHBACK, "points", "plan", "manual")


def performed(act: Act) -> Callable[[str, Mapping[str, Any]], Any]:
    """The act as the register wants it: for a credential, refusing unknown arguments, all or nothing."""

    def perform(credential: str, given: Mapping[str, Any]) -> Any:
        account = CREDENTIALS[credential].account
        try:
            with transaction.atomic(), SmartbisArguments(given) as arguments:
                return act(account, clock.now(), arguments)
        except Refused as refused:
            raise ActRefused(f"{refused.code}: {refused.message}") from refused

    return perform


def create_customer(account: int, now: int, given: SmartbisArguments) -> Any:
    """A customer from the panel or the portal; everything but the name may be missing."""
    customer = services.create_customer(
        account=account,
        now=now,
        name=given.text("name"),
        cpf=given.text("cpf", None),
        phone=given.text("phone", None),
        email=given.text("email", None),
        birth_date=given.text("birth_date", None),
        points_balance=given.points("points_balance", 0),
        cashback_balance=given.centavos("cashback_balance", 0),
        created_at=given.moment("created_at", now),
    )
    return LARAVEL.show("customer", customer)


def edit_customer(account: int, now: int, given: SmartbisArguments) -> Any:
    """Change a customer's own data; `new_cpf` because `cpf` finds the customer."""
    customer = _customer(account, given)
    for name in ("name", "phone", "email", "birth_date"):
        if given.has(name):
            setattr(customer, name, given.text(name))
    if given.has("new_cpf"):
        customer.cpf = given.text("new_cpf")
    customer.updated_at = now
    try:
        customer.save()
    except IntegrityError:
        raise ActRefused("customer_duplicate_cpf") from None
    return LARAVEL.show("customer", customer)


def credit(account: int, now: int, given: SmartbisArguments) -> Any:
    """Change the balances by hand, up or down; no voucher comes of it before the next sale."""
    customer = _customer(account, given)
    services.credit(
        customer=customer, now=now, cashback=given.centavos("cashback", 0), points=given.points("points", 0)
    )
    return LARAVEL.show("customer", customer)


def issue_voucher(account: int, now: int, given: SmartbisArguments) -> Any:
    """Issue a voucher; a coupon's stock falls, and an origin that is a balance is debited."""
    customer = _customer(account, given) if given.has("customer_id") or given.has("cpf") else None
    coupon = _coupon_to_issue(account, now, given.text("coupon_id", None), customer)
    origin, value = given.text("origin", "manual"), given.centavos("value", None)
    if origin not in ORIGINS:
        raise ActRefused(f"origin must be one of {', '.join(ORIGINS)}")
    if customer is not None:
        _debit(customer, now, origin, value, coupon)
    least = engine.DEFAULT_RULE.voucher_minimum_purchase if origin in FROM_CASHBACK else None
    try:
        voucher = services.add_voucher(
            account=account,
            now=now,
            code=given.text("code", None),
            customer_id=customer and customer.pk,
            coupon_id=coupon and coupon.pk,
            coupon_name=coupon and coupon.name,
            origin=origin,
            value=value,
            minimum_purchase=given.centavos("minimum_purchase", least),
            starts_at=given.moment("starts_at", None),
            expires_at=given.day_end("expires_at", engine.expiry(issued_at=now)),
        )
    except IntegrityError:
        raise ActRefused("code is taken") from None
    transaction.on_commit(lambda: services.note_voucher(voucher))
    return LARAVEL.show("voucher", voucher)


def use_voucher(account: int, now: int, given: SmartbisArguments) -> Any:
    """Use a voucher elsewhere: another till, the portal. `used_at` may be null, that is not known."""
    voucher = services.find_voucher(account=account, code=given.text("code"), now=now)
    _change(
        voucher,
        status=Voucher.USED,
        used_at=given.moment("used_at", now),
        store=given.text("store", "Loja Shopping"),
    )
    return _shown(voucher, now)


def expire_voucher(account: int, now: int, given: SmartbisArguments) -> Any:
    """Let a voucher's last day be yesterday."""
    voucher = services.find_voucher(account=account, code=given.text("code"), now=now)
    _change(voucher, expires_at=day_end(local_day(now)) - 86_400)
    return _shown(voucher, now)


def cancel_voucher(account: int, now: int, given: SmartbisArguments) -> Any:
    """Cancel a voucher in the panel."""
    voucher = services.find_voucher(account=account, code=given.text("code"), now=now)
    _change(voucher, status=Voucher.CANCELLED)
    return _shown(voucher, now)


def set_stock(account: int, now: int, given: SmartbisArguments) -> Any:
    """Set a coupon's stock; null makes it unlimited."""
    coupon = services.set_stock(
        account=account, now=now, coupon_id=given.text("coupon_id"), stock=given.integer("stock")
    )
    return LARAVEL.show("coupon", coupon)


def create_coupon(account: int, now: int, given: SmartbisArguments) -> Any:
    """Define a coupon in the panel; no call of the API can."""
    key = services.next_id(account=account, kind="coupon", counter="coupons")
    coupon = Coupon(id=key, account_id=account, name=given.text("name"))
    return _saved_coupon(coupon, now, given)


def edit_coupon(account: int, now: int, given: SmartbisArguments) -> Any:
    """Change a coupon in the panel."""
    coupon = _coupon(account, given.text("coupon_id"))
    coupon.name = given.text("name", coupon.name)
    return _saved_coupon(coupon, now, given)


def remove_customer(account: int, now: int, given: SmartbisArguments) -> Any:
    """Make a customer vanish, as no call of the API does."""
    return _removed(CUSTOMERS, _customer(account, given))


def remove_coupon(account: int, now: int, given: SmartbisArguments) -> Any:
    """Make a coupon vanish."""
    return _removed(COUPONS, _coupon(account, given.text("coupon_id")))


def remove_voucher(account: int, now: int, given: SmartbisArguments) -> Any:
    """Make a voucher vanish."""
    voucher = services.find_voucher(account=account, code=given.text("code"), now=now)
    Account.objects.filter(pk=account).update(vouchers=F("vouchers") - 1)
    Voucher.objects.filter(pk=voucher.pk).delete()
    transaction.on_commit(lambda: services.note_voucher(voucher))
    return None


def _customer(account: int, given: SmartbisArguments) -> Customer:
    cpf, customer_id = given.text("cpf", None), given.text("customer_id", None)
    if (cpf is None) == (customer_id is None):
        raise ActRefused("give cpf or customer_id, one of them")
    return services.find_customer(account=account, cpf=cpf, customer_id=customer_id)


def _coupon(account: int, public_id: str) -> Coupon:
    coupon = Coupon.objects.filter(pk=key_of(account=account, public_id=public_id)).first()
    if coupon is None:
        raise ActRefused("coupon_not_found")
    return coupon


def _coupon_to_issue(
    account: int, now: int, public_id: str | None, customer: Customer | None
) -> Coupon | None:
    if public_id is None:
        return None
    coupon = _coupon(account, public_id)
    coupon.read_at(now)
    if coupon.status_word != "active":
        raise ActRefused(f"the coupon is {coupon.status_word}")
    if customer is not None and coupon.limit_per_customer is not None:
        had = Voucher.objects.filter(customer_id=customer.pk, coupon_id=coupon.pk)
        if had.exclude(status=Voucher.CANCELLED).count() >= coupon.limit_per_customer:
            raise ActRefused("the customer has reached the coupon's limit")
    if coupon.stock is not None:
        left = Coupon.objects.filter(pk=coupon.pk, stock__gt=0).update(stock=F("stock") - 1, updated_at=now)
        if not left:
            raise ActRefused("the coupon is out of stock")
    return coupon


def _debit(customer: Customer, now: int, origin: str, value: int | None, coupon: Coupon | None) -> None:
    cashback = (value or 0) if origin in FROM_CASHBACK else 0
    points = (coupon.points_required or 0) if coupon is not None and origin == "points" else 0
    if customer.cashback_balance < cashback or customer.points_balance < points:
        raise ActRefused("the balance is short; credit it first")
    if cashback or points:
        services.credit(customer=customer, now=now, cashback=-cashback, points=-points)


def _change(voucher: Voucher, **values: Any) -> None:
    if not Voucher.objects.filter(pk=voucher.pk, status=Voucher.ISSUED).update(**values):
        raise ActRefused(f"the voucher is {voucher.status}")


def _shown(voucher: Voucher, now: int) -> Any:
    voucher.refresh_from_db()
    voucher.read_at(now)
    return LARAVEL.show("voucher", voucher)


def _saved_coupon(coupon: Coupon, now: int, given: SmartbisArguments) -> Any:
    for name, read in (
        ("description", given.text),
        ("image_url", given.text),
        ("rules", given.text),
        ("points_required", given.points),
        ("stock", given.integer),
        ("limit_per_customer", given.integer),
        ("starts_at", given.moment),
        ("ends_at", given.day_end),
        ("paused", given.boolean),
    ):
        if given.has(name):
            setattr(coupon, name, read(name))
    if given.has("category_id"):
        category_id = given.text("category_id")
        coupon.category_id = category_id and key_of(account=coupon.account_id, public_id=category_id)
    coupon.updated_at = now
    coupon.save()
    coupon.read_at(now)
    return LARAVEL.show("coupon", coupon)


def _removed(listing: Listing, row: Owned) -> None:
    account, key = row.account_id, listing.key(row)
    Account.objects.filter(pk=account).update(**{listing.counter: F(listing.counter) - 1})
    row.delete()
    transaction.on_commit(lambda: anchors.changed(listing=listing, account=account, key=key))


ACTS = {
    act.__name__: performed(act)
    for act in (
        issue_voucher,
        use_voucher,
        expire_voucher,
        cancel_voucher,
        set_stock,
        credit,
        create_customer,
        edit_customer,
        create_coupon,
        edit_coupon,
        remove_customer,
        remove_coupon,
        remove_voucher,
    )
}
