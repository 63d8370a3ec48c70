"""The three ways Smartbis answers: every wire name, format and envelope of the replies stands here and
nowhere else.

Source: contract smartbis-v2 §3 (profile `laravel`) and §5 (`bare`, `items`). Rows come from `models`; nothing
is stored or decided here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from typing import Any

from sandbox.keys import SPAN
from sandbox.smartbis import formats
from sandbox.smartbis.refusals import Refused
from sandbox.vendors import Reply, json_reply

Show = Callable[[Any], Any]

# Wire name in snake_case, attribute of the row, kind of value.
OBJECTS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "customer": (
        ("id", "id", "id"),
        ("name", "name", "plain"),
        ("cpf", "cpf", "cpf"),
        ("phone", "phone", "phone"),
        ("email", "email", "plain"),
        ("birth_date", "birth_date", "plain"),
        ("points_balance", "points_balance", "points"),
        ("cashback_balance", "cashback_balance", "money"),
        ("created_at", "created_at", "time"),
        ("updated_at", "updated_at", "time"),
    ),
    "sale": (
        ("id", "id", "id"),
        ("customer_id", "customer_id", "id"),
        ("sale_amount", "sale_amount", "money"),
        ("cashback_amount", "cashback_amount", "money"),
        ("points_earned", "points_earned", "points"),
        ("vouchers", "vouchers", "vouchers"),
        ("created_at", "created_at", "time"),
    ),
    "coupon": (
        ("id", "id", "id"),
        ("name", "name", "plain"),
        ("description", "description", "plain"),
        ("image_url", "image_url", "plain"),
        ("category_id", "category_id", "id"),
        ("points_required", "points_required", "points"),
        ("stock", "stock", "plain"),
        ("limit_per_customer", "limit_per_customer", "plain"),
        ("starts_at", "starts_at", "time"),
        ("ends_at", "ends_at", "end"),
        ("rules", "rules", "plain"),
        ("status", "status_word", "word"),
        ("updated_at", "updated_at", "time"),
    ),
    "voucher": (
        ("code", "code", "plain"),
        ("status", "status_word", "word"),
        ("customer_id", "customer_id", "id"),
        ("coupon_id", "coupon_id", "id"),
        ("coupon_name", "coupon_name", "plain"),
        ("origin", "origin", "word"),
        ("value", "value", "money"),
        ("minimum_purchase", "minimum_purchase", "money"),
        ("issued_at", "issued_at", "time"),
        ("starts_at", "starts_at", "time"),
        ("expires_at", "expires_at", "end"),
        ("used_at", "used_at", "time"),
        ("store", "store", "store"),
    ),
    "category": (
        ("id", "id", "id"),
        ("name", "name", "plain"),
        ("created_at", "created_at", "time"),
    ),
}


@dataclass(frozen=True)
class Page:
    """One page of a list: its rows, its number, the rows asked per page, the rows of the whole list.

    `odd`: place of a row whose second field is sent as an object, whatever it should be.
    """

    rows: Sequence[Any]
    number: int
    per_page: int
    total: int
    odd: int | None = None

    @property
    def pages(self) -> int:
        """How many pages the list has; 1 when empty."""
        return max(1, -(-self.total // self.per_page))


@dataclass(frozen=True)
class Profile:
    """One way of answering. `shows` turns a stored value into its wire form, by kind of value."""

    name: str
    shows: Mapping[str, Show]
    key: Callable[[str], str]
    leaves_out_empty: bool = False
    extras: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    whole_lists: frozenset[str] = frozenset()
    created: int = 201

    @cached_property
    def _plans(self) -> Mapping[str, tuple[tuple[str, str, Show], ...]]:
        shows = {**self.shows, "vouchers": lambda rows: [self.show("voucher", row) for row in rows]}
        return {
            kind: tuple((self.key(name), attribute, shows[value]) for name, attribute, value in fields)
            for kind, fields in OBJECTS.items()
        }

    def show(self, kind: str, row: Any) -> dict[str, Any]:
        """One object without its envelope."""
        return self.show_all(kind, [row])[0]

    def show_all(self, kind: str, rows: Sequence[Any]) -> list[dict[str, Any]]:
        """Objects without an envelope, worked out field by field: a page of a walk must cost little."""
        plan = self._plans[kind]
        columns = [_column(rows, attribute, show) for _key, attribute, show in plan]
        keys = [key for key, _attribute, _show in plan]
        shown = [dict(zip(keys, values, strict=True)) for values in zip(*columns, strict=True)]
        if self.leaves_out_empty:
            shown = [
                {key: value for key, value in row.items() if value is not None and value != []}
                for row in shown
            ]
        if extras := self.extras.get(kind):
            for row in shown:
                row.update(extras)
        return shown

    def single(self, kind: str, row: Any, *, status: int = 200) -> Reply:
        """A reply with one object."""
        shown = self.show(kind, row)
        match self.name:
            case "laravel":
                return json_reply({"data": shown}, status)
            case "items":
                return json_reply({kind: shown}, status)
        return json_reply(shown, status)

    def listing(self, kind: str, page: Page) -> Reply:
        """A reply with one page of a list."""
        shown = self.show_all(kind, page.rows)
        if page.odd is not None and page.odd < len(shown):
            odd = shown[page.odd]
            odd[[*odd][1]] = {"unexpected": True}
        match self.name:
            case "laravel":
                meta = {"current_page": page.number, "last_page": page.pages}
                return json_reply(
                    {"data": shown, "meta": {**meta, "per_page": page.per_page, "total": page.total}}
                )
            case "items":
                return json_reply(
                    {"items": shown, "page": page.number, "pages": page.pages, "total": page.total}
                )
        return json_reply(shown)

    def token(self, *, token: str, lifetime: int, ends_at: int) -> Reply:
        """The reply of the token call; `lifetime` in seconds."""
        match self.name:
            case "laravel":
                return json_reply({"access_token": token, "token_type": "Bearer", "expires_in": lifetime})
            case "items":
                return json_reply({"access_token": token, "expiresAt": self.shows["time"](ends_at)})
        return json_reply({"access_token": token})

    def validated(self, voucher: Any) -> Reply:
        """The reply of a validation."""
        if self.name != "bare":
            return self.single("voucher", voucher)
        shown = self.show("voucher", voucher)
        return json_reply({key: shown[key] for key in ("code", "status", "used_at") if key in shown})

    def stock_set(self, coupon: Any) -> Reply:
        """The reply of a stock update."""
        return Reply(204, headers=()) if self.name == "bare" else self.single("coupon", coupon)

    def refusal(self, refused: Refused) -> Reply:
        """The reply for a refusal."""
        used_at = None if refused.used_at is None else self.shows["time"](refused.used_at)
        error: dict[str, Any]
        match self.name:
            case "laravel":
                error = {"message": refused.message, "code": refused.code}
                if refused.errors:
                    error["errors"] = {key: [message] for key, message in refused.errors.items()}
                if refused.code == "voucher_used":
                    error["used_at"] = used_at
            case "items":
                fields = [{"field": key, "messages": [message]} for key, message in refused.errors.items()]
                error = {"code": refused.code.upper(), "message": refused.message, "fields": fields}
                if refused.code == "voucher_used":
                    error["usedAt"] = used_at
                error = {"error": error}
            case _:
                error = {"error": refused.message}
        return json_reply(error, refused.status, refused.headers)


def _column(rows: Sequence[Any], attribute: str, show: Show) -> list[Any]:
    values = map(attrgetter(attribute), rows)
    if show is formats.plain:
        return [*values]
    return [None if value is None else show(value) for value in values]


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _identity(name: str) -> str:
    return name


LARAVEL = Profile(
    name="laravel",
    key=_identity,
    shows={
        "id": lambda key: key % SPAN,
        "plain": formats.plain,
        "cpf": formats.plain,
        "phone": formats.plain,
        "money": formats.hundredths,
        "points": lambda stored: formats.hundredths(formats.shown_points(stored)),
        "time": formats.utc,
        "end": formats.utc,
        "word": formats.plain,
        "store": formats.plain,
    },
)
BARE = Profile(
    name="bare",
    key=_identity,
    leaves_out_empty=True,
    extras={"customer": {"origin_system": "panel"}},
    whole_lists=frozenset({"coupon", "category"}),
    created=200,
    shows={
        **LARAVEL.shows,
        "cpf": formats.punctuated_cpf,
        "phone": formats.punctuated_phone,
        # The shortest text of the nearest double is the exact decimal for every amount below 2**53 centavos.
        "money": lambda count: count / 100,
        "points": lambda stored: formats.shown_points(stored) / 100,
        "time": formats.wall_clock,
        "end": formats.wall_clock,
    },
)
ITEMS = Profile(
    name="items",
    key=_camel,
    extras={kind: {"links": {}} for kind in OBJECTS},
    shows={
        **LARAVEL.shows,
        "id": lambda key: str(key % SPAN),
        "phone": lambda phone: f"+55{phone}",
        "money": formats.trimmed,
        "points": lambda stored: formats.trimmed(formats.shown_points(stored)),
        "time": formats.offset,
        "end": formats.local_date,
        "word": str.upper,
        "store": formats.store_object,
    },
)
PROFILES = {profile.name: profile for profile in (LARAVEL, BARE, ITEMS)}
