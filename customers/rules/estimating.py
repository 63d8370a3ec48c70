"""What a sale is expected to bring, by the rule and the campaigns in force when it was made.

Owns which version and which campaigns hold for a sale; the arithmetic is in `arithmetic`. Asks nobody but our own
tables: the platform's rule cannot be read (`communication-and-rules.md` §1).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from customers.rules.arithmetic import NOTHING, best_factor, estimate
from customers.rules.models import Campaign, RuleVersion, Terms
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Store

STORE_EXCLUDED, METHOD_EXCLUDED = "store_excluded", "method_excluded"
BELOW_MINIMUM, OUTSIDE_PERIOD = "below_minimum", "outside_period"


@dataclass(frozen=True)
class Circumstances:
    """What is known of a sale. `amount` in BRL, `sold_at` aware; empty: not told.

    `payment_method` is a word of `models.PaymentMethod`. `category` is what the merchant calls the kind of goods;
    a sale of a card machine carries none (`docs/decisions/0027`).
    """

    amount: Decimal
    sold_at: datetime
    store: Store | None = None
    machine: str = ""
    payment_method: str = ""
    category: str = ""


@dataclass(frozen=True)
class Expectation:
    """The expected benefit: BRL and points, and the rule and campaigns it follows from.

    `version` None: no rule is known for that moment, and the two zeros say nothing.
    """

    cashback: Decimal
    points: Decimal
    version: RuleVersion | None
    campaigns: tuple[Campaign, ...] = ()
    #: Why it earns nothing, as `ineligibility` says it; "" where nothing speaks against it.
    why: str = ""


class RuleBook:
    """The versions and campaigns of one connection, read once (two queries) to judge any number of sales."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.zone = ZoneInfo(connection.time_zone)
        self.versions: Sequence[RuleVersion] = list(
            RuleVersion.objects.filter(connection=connection, cancelled_at=None).order_by("-valid_from")
        )
        self.campaigns: Sequence[Campaign] = list(
            Campaign.objects.filter(connection=connection).order_by("pk")
        )

    def version_at(self, moment: datetime) -> RuleVersion | None:
        """The version in force at a moment; None before the first."""
        return next((version for version in self.versions if version.valid_from <= moment), None)

    def local(self, circumstances: Circumstances) -> datetime:
        """The moment of the sale on the clock of its store, without one on the account's."""
        store = circumstances.store
        return circumstances.sold_at.astimezone(ZoneInfo(store.time_zone) if store else self.zone)

    def expect(self, circumstances: Circumstances) -> Expectation:
        """The expected benefit of a sale."""
        version = self.version_at(circumstances.sold_at)
        if version is None:
            return Expectation(NOTHING, NOTHING, None)
        cashback, points, campaigns = self.apply(version, circumstances)
        return Expectation(cashback, points, version, campaigns, ineligible(self, circumstances))

    def apply(
        self, terms: Terms, circumstances: Circumstances
    ) -> tuple[Decimal, Decimal, tuple[Campaign, ...]]:
        """Cashback, points and campaigns of a sale by these terms, and the campaigns of its own moment."""
        local = self.local(circumstances)
        if why_not(terms, circumstances, local.date()):
            return NOTHING, NOTHING, ()
        held = [one for one in self.campaigns if holds(one, circumstances, local)]
        cashback_factor, for_cashback = _factor(held, "cashback_multiplier")
        points_factor, for_points = _factor(held, "points_multiplier")
        benefit = estimate(
            circumstances.amount,
            cashback_percent=terms.cashback_percent,
            points_per_brl=terms.points_per_brl,
            cashback_factor=cashback_factor,
            points_factor=points_factor,
        )
        counted = {
            campaign.pk
            for rate, campaigns in (
                (terms.cashback_percent, for_cashback),
                (terms.points_per_brl, for_points),
            )
            if rate
            for campaign in campaigns
        }
        return benefit.cashback, benefit.points, tuple(one for one in held if one.pk in counted)


def expected_benefit(*, connection: Connection, circumstances: Circumstances) -> Expectation:
    """The expected benefit of one sale, by the rule in force at its `sold_at`. For many sales: one `RuleBook`."""
    return RuleBook(connection).expect(circumstances)


def ineligibility(*, connection: Connection, circumstances: Circumstances) -> str:
    """Why a sale earns nothing: `store_excluded`, `method_excluded`, `below_minimum`, `outside_period`, in this
    order (`smartpos.md` §3); "" where nothing of the rule speaks against it, or no rule is known.
    """
    return ineligible(RuleBook(connection), circumstances)


def ineligible(book: RuleBook, circumstances: Circumstances) -> str:
    """`ineligibility` with a book that was read before."""
    version = book.version_at(circumstances.sold_at)
    return why_not(version, circumstances, book.local(circumstances).date()) if version else ""


def why_not(terms: Terms, circumstances: Circumstances, day: date) -> str:
    """Why these terms give nothing to a sale made on this local day; "" where they do."""
    if circumstances.store is not None and circumstances.store.pk in terms.excluded_stores:
        return STORE_EXCLUDED
    if circumstances.payment_method and circumstances.payment_method in terms.excluded_methods:
        return METHOD_EXCLUDED
    if circumstances.amount < terms.minimum_to_earn:
        return BELOW_MINIMUM
    begins, ends = terms.first_day, terms.last_day
    if (begins is not None and day < begins) or (ends is not None and day > ends):
        return OUTSIDE_PERIOD
    return ""


def holds(campaign: Campaign, circumstances: Circumstances, local: datetime) -> bool:
    """Whether a sale meets every condition of a campaign; `local`: its moment on the store's clock."""
    store = circumstances.store
    return (
        campaign.first_day <= local.date() <= campaign.last_day
        and (campaign.ended_at is None or circumstances.sold_at < campaign.ended_at)
        and (not campaign.weekdays or local.weekday() in campaign.weekdays)
        and _within(campaign.from_time, campaign.until_time, local.time())
        and (not campaign.stores or (store is not None and store.pk in campaign.stores))
        and (not campaign.machines or circumstances.machine in campaign.machines)
        and (not campaign.category or circumstances.category.casefold() == campaign.category.casefold())
    )


def _within(begin: time | None, end: time | None, now: time) -> bool:
    if begin is not None and end is not None and begin > end:
        return now >= begin or now < end
    return (begin is None or now >= begin) and (end is None or now < end)


def _factor(held: Iterable[Campaign], name: str) -> tuple[Decimal, list[Campaign]]:
    """The factor of one benefit, and the campaigns it comes from: those that stack together, or the best one."""
    more = [campaign for campaign in held if getattr(campaign, name) > 1]
    together = [campaign for campaign in more if campaign.stacks]
    alone = [campaign for campaign in more if not campaign.stacks]
    factor = best_factor(
        (getattr(campaign, name) for campaign in together), (getattr(campaign, name) for campaign in alone)
    )
    single = next((campaign for campaign in alone if getattr(campaign, name) == factor), None)
    return factor, together if single is None else [single]
