"""What the acts share: whom an act means, how words and moments are given, how objects are shown."""

from sandbox.arguments import Arguments
from sandbox.keys import key_of
from sandbox.smile import services
from sandbox.smile.auth import CURRENT
from sandbox.smile.models import Customer, PointsProduct
from sandbox.smile.tiers import tiers_of
from sandbox.smile.wire import Show
from sandbox.vendors import ActRefused


def shown(account: int, now: int) -> Show:
    """How things stand now, in the shape of today's edition."""
    tiers = {tier.pk: tier for tier in tiers_of(account)}
    return Show(CURRENT, now, tiers, frozenset({"vip_status"}))


def customer_of(account: int, given: Arguments) -> Customer:
    """The customer an act means, by id or e-mail."""
    customer_id, email = given.text("customer_id", None), given.text("email", None)
    if (customer_id is None) == (email is None):
        raise ActRefused("give customer_id or email, one of them")
    if email is not None:
        return services.customer_of_email(account=account, email=email)
    return services.find_customer(key_of(account=account, public_id=customer_id))


def removed(kind: type[Customer] | type[PointsProduct], account: int, public_id: str) -> None:
    """Delete a row by its public id."""
    deleted, _ = kind._default_manager.filter(pk=key_of(account=account, public_id=public_id)).delete()
    if not deleted:
        raise ActRefused("there is nothing to remove")


def word(given: Arguments, name: str, words: tuple[str, ...], default: str | None = None) -> str:
    """One of some words; without a default it is required."""
    word: str = given.text(name) if default is None else given.text(name, default)
    if word not in words:
        raise ActRefused(f"{name} must be one of {', '.join(words)}")
    return word


def moment(given: Arguments, name: str, default: int | None = None) -> int | None:
    """A time in milliseconds."""
    value = given.moment(name, None)
    return default if value is None else int(value) * 1000
