"""Demo data of the sandbox's Smile.io: the shop programme of the merchant whose stores run on Smartbis.

Deterministic: the same number of customers on the same day gives the same rows. Keys grow with time in every
list. Knows the tables, not Django.
"""

import json
import random
import sqlite3
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

from sandbox.keys import SPAN
from sandbox.neighbours import neighbours
from sandbox.rows import insert
from sandbox.smile import engine
from sandbox.smile.auth import CREDENTIALS
from sandbox.smile.demo import columns
from sandbox.smile.demo.catalogue import LEVELS, PRIZES, REFERRED, RULES, WELCOME
from sandbox.smile.demo.life import Gift, Life, given, lived
from sandbox.smile.demo.people import Shopper, shoppers
from sandbox.smile.models import (
    CANDIDATE,
    DISABLED,
    FAILED,
    FIXED,
    ISSUED,
    MEMBER,
    PENDING,
    VARIABLE,
    Activity,
    Customer,
    EarningRule,
    Owned,
    PointsProduct,
    PointsPurchase,
    PointsTransaction,
    Referral,
    Reward,
    RewardFulfillment,
    VipTier,
    VipTierChange,
)
from sandbox.smile.rewards import fulfillment_code

__all__ = ["demo", "prepare"]

#: The public id the first object of each kind gets, as in the document's examples where it has some.
FIRSTS = {
    Activity: 133_577,
    Customer: 1,
    EarningRule: 11,
    PointsProduct: 21,
    PointsPurchase: 81,
    PointsTransaction: 133_577,
    Referral: 5_001,
    Reward: 228_015,
    RewardFulfillment: 137,
    VipTier: 8_576,
    VipTierChange: 301,
}
_BEGAN_AT = 1_704_067_200_000
_DAYS = 730
_IMAGES = "https://images.example/"
SMALL = 120


def prepare(connection: sqlite3.Connection) -> None:
    """What must exist even in an empty database: one account per credential, begun on 2024-01-01 UTC."""
    accounts = [(one.account, one.key, _BEGAN_AT, "ponto", "pontos") for one in CREDENTIALS.values()]
    own = ("id", "credential", "began_at", "label_one", "label_other")
    insert(connection, "smile_account", own, accounts)
    serials = [
        (one.account, kind.__name__, first) for one in CREDENTIALS.values() for kind, first in FIRSTS.items()
    ]
    insert(connection, "smile_serial", ("account_id", "kind", "next"), serials)


def demo(connection: sqlite3.Connection, customers: int, today: int) -> None:
    """Fill every account: `customers` people for the first credential, a small copy for the other."""
    first, *others = CREDENTIALS.values()
    for account, count in [(first.account, customers), *((other.account, SMALL) for other in others)]:
        _Shop(connection, account, today * 1000).fill(min(count, customers))


#: A row without its key, and the moment that gives its place.
_Timed = tuple[int, Sequence[Any]]


class _Shop:
    """One account while it is filled; `today` in milliseconds."""

    def __init__(self, connection: sqlite3.Connection, account: int, today: int) -> None:
        self._connection = connection
        self._account = account
        self._base = account * SPAN
        self._today = today
        self._opened = today - _DAYS * engine.DAY
        self._source = random.Random(f"sandbox smile {account}")
        self._lives: list[tuple[int, Life]] = []
        self._gifts: list[Gift] = []

    def fill(self, customers: int) -> None:
        """Catalogue, customers, and everything they did, each list in the order of time."""
        self._connection.execute(
            "UPDATE smile_account SET began_at = ? WHERE id = ?", (self._opened, self._account)
        )
        self._catalogue()
        known = neighbours(self._connection, count=customers // 2)
        people = shoppers(self._source, known=known, account=self._account, count=customers)
        rows = [self._customer(number, who, customers) for number, who in enumerate(people)]
        self._insert(Customer, columns.CUSTOMER, rows)
        referrals = self._referrals(rows)
        self._gifts += [gift for _, life in self._lives for gift in life.gifts]
        self._fulfillments()
        self._insert(Referral, columns.REFERRAL, self._numbered(Referral, referrals))
        self._history()

    def _customer(self, number: int, who: Shopper, customers: int) -> Sequence[Any]:
        source = self._source
        key = self._key(Customer, number)
        share = (number + source.random()) / customers
        created_at = self._opened + int(share * (_DAYS * engine.DAY - 3_600_000))
        chance = source.random()
        state = (
            CANDIDATE if chance < 0.22 or who.first_name is None else DISABLED if chance > 0.97 else MEMBER
        )
        life = Life(created_at)
        if state == MEMBER:
            joined_at = created_at + int(source.random() * min(30 * engine.DAY, self._today - created_at - 1))
            life = lived(source, customer=key, joined_at=joined_at, today=self._today)
            self._lives.append((key, life))
        ends = [end for end in (life.points_expire_at, life.level_expires_at) if end is not None]
        return (
            key, self._account, who.first_name, who.last_name, who.email, who.email.casefold(), state,
            who.date_of_birth, life.balance, life.points_expire_at, self._tier(life.level),
            life.level_expires_at, life.progress, life.progress_year, min(ends, default=None), created_at,
            life.updated_at,
        )  # fmt: skip

    def _referrals(self, people: Sequence[Sequence[Any]]) -> list[_Timed]:
        """Every fiftieth customer came through somebody's link; a few friends have not ordered yet."""
        made: list[_Timed] = []
        senders = [key for key, _ in self._lives]
        for row in people[40::50]:
            receiver, email, at = row[0], row[4], row[15]
            sender = self._source.choice([key for key in senders if key < receiver] or [people[0][0]])
            ordered = self._source.random() < 0.8
            welcome = given(
                self._source, prize=WELCOME, customer=receiver if ordered else None, at=at, today=self._today
            )
            thanks = None
            if ordered:
                thanks = given(self._source, prize=REFERRED, customer=sender, at=at, today=self._today)
            self._gifts += [gift for gift in (welcome, thanks) if gift is not None]
            friend = email if ordered else f"amigo{receiver % SPAN}@correio.example"
            made.append(
                (at, (self._account, sender, receiver if ordered else None, friend, welcome, thanks, at, at))
            )
        return made

    def _fulfillments(self) -> None:
        self._gifts.sort(key=lambda gift: (gift.created_at, gift.prize))
        # Whatever the season brought, one parcel is on its way and one did not arrive.
        posted = [gift for gift in self._gifts if PRIZES[gift.prize].posted]
        for gift, status in zip(reversed(posted), (PENDING, FAILED), strict=False):
            gift.status = status
        rows = []
        for number, gift in enumerate(self._gifts):
            gift.key, prize = self._key(RewardFulfillment, number), PRIZES[gift.prize]
            rows.append(
                (
                    gift.key, self._account, gift.customer, prize.name,
                    fulfillment_code(prefix=prize.prefix, key=gift.key), f"{_IMAGES}{prize.prefix}.png",
                    prize.instructions, prize.terms, gift.expires_at, gift.used_at, gift.status, gift.usage,
                    gift.created_at, gift.used_at or gift.created_at,
                )
            )  # fmt: skip
        self._insert(RewardFulfillment, columns.FULFILLMENT, rows)

    def _history(self) -> None:
        account = self._account
        transactions = [
            (at, (account, key, change, text, note, at, at))
            for key, life in self._lives
            for at, change, text, note in life.transactions
        ]
        self._insert(PointsTransaction, columns.TRANSACTION, self._numbered(PointsTransaction, transactions))
        purchases = [
            (at, (account, key, self._key(PointsProduct, place), price, gift.key, at, at))
            for key, life in self._lives
            for at, place, price, gift in life.purchases
        ]
        self._insert(PointsPurchase, columns.PURCHASE, self._numbered(PointsPurchase, purchases))
        changes = [
            (at, (account, key, self._tier(before), self._tier(after), _step(before, after), at, at))
            for key, life in self._lives
            for at, before, after in life.changes
        ]
        self._insert(VipTierChange, columns.CHANGE, self._numbered(VipTierChange, changes))

    def _catalogue(self) -> None:
        account, opened = self._account, self._opened
        rewards, products = [], []
        for place, prize in enumerate(PRIZES):
            key, at = self._key(Reward, place), opened + place * engine.DAY
            status = PENDING if prize.posted else ISSUED
            rewards.append(
                (
                    key, account, prize.name, prize.description, f"{_IMAGES}{prize.prefix}.png", prize.prefix,
                    prize.instructions, prize.terms, prize.days, status, prize.tracked, at, at,
                )
            )  # fmt: skip
            if prize.price or prize.slider:
                step = prize.slider or (None, None, None, None)
                kind = VARIABLE if prize.slider else FIXED
                text = f"{prize.price or step[0]} pontos"
                product = self._key(PointsProduct, place)
                products.append((product, account, key, kind, text, prize.price, *step, at, at))
        self._insert(Reward, columns.REWARD, rewards)
        self._insert(PointsProduct, columns.PRODUCT, products)
        tiers = [
            (
                self._tier(place), account, level.name, f"{_IMAGES}{level.name.lower()}.png", level.milestone,
                json.dumps(level.perks), json.dumps([self._key(Reward, prize) for prize in level.entry]),
                opened, opened,
            )
            for place, level in enumerate(LEVELS)
        ]  # fmt: skip
        self._insert(VipTier, columns.TIER, tiers)
        rules = [
            (
                self._key(EarningRule, place), account, name, f"{_IMAGES}regra{place}.png",
                json.dumps([FIRSTS[VipTier] + level for level in levels]), json.dumps(value),
                None if limit is None else json.dumps(limit), enabled, opened, opened,
            )
            for place, (name, value, limit, levels, enabled) in enumerate(RULES)
        ]  # fmt: skip
        self._insert(EarningRule, columns.RULE, rules)

    def _key(self, kind: type[Owned], place: int) -> int:
        return self._base + FIRSTS[kind] + place

    def _tier(self, place: int | None) -> int | None:
        return None if place is None else self._key(VipTier, place)

    def _numbered(self, kind: type[Owned], rows: Iterable[_Timed]) -> list[Sequence[Any]]:
        """The rows in the order of their moments, each with its key; fulfilments become theirs."""
        return [
            (self._key(kind, place), *(cell.key if isinstance(cell, Gift) else cell for cell in row))
            for place, (_, row) in enumerate(sorted(rows, key=itemgetter(0)))
        ]

    def _insert(self, kind: type[Owned], names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        insert(self._connection, f"smile_{kind.__name__.lower()}", names, rows)
        last = max((row[0] for row in rows), default=self._base + FIRSTS[kind] - 1)
        self._connection.execute(
            "UPDATE smile_serial SET next = ? WHERE account_id = ? AND kind = ?",
            (last - self._base + 1, self._account, kind.__name__),
        )


def _step(before: int | None, after: int | None) -> str:
    name = "" if after is None else LEVELS[after].name
    return f"Alcançou {name}" if before is None or (after or 0) > before else f"Voltou para {name}"
