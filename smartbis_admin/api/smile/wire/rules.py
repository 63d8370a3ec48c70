"""Earning rules, flattened out of their nested kinds. Source: `contracts/smile-v1.md` §4."""

from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from msgspec import UNSET, UnsetType

from smartbis_admin.api import decode as read
from smartbis_admin.api.points import EarningRuleRecord
from smartbis_admin.api.shapes import Field, Shape
from smartbis_admin.api.smile.wire.objects import ID, NAME


def _ids(value: Any, zone: ZoneInfo) -> list[str]:
    if not isinstance(value, list):
        raise read.Unreadable("not_a_list")
    return [read.read_id(entry, zone) for entry in value]


class _Value(NamedTuple):
    points: Any
    per_amount: Any = UNSET


class _Limit(NamedTuple):
    times: int | None
    days: int | None


def _value(value: Any, zone: ZoneInfo) -> _Value:
    kind = value.get("type") if isinstance(value, dict) else None
    branch = value.get(kind) if kind in ("variable", "fixed") else None
    if not isinstance(branch, dict):
        raise read.Doubtful("unknown_kind")
    points = read.read_decimal(branch.get("value"), zone)
    return _Value(points, read.read_decimal(branch.get("per_amount"), zone) if kind == "variable" else None)


def _limit(value: Any, zone: ZoneInfo) -> _Limit:
    if not isinstance(value, dict):
        raise read.Doubtful("not_an_object")
    rolling = value.get("rolling")
    days = read.read_count(rolling.get("unit_count"), zone) if isinstance(rolling, dict) else None
    return _Limit(read.read_count(value.get("max"), zone), days)


def _rule(
    *,
    remote_id: str,
    name: str,
    value: _Value | UnsetType | None = UNSET,
    limit: _Limit | UnsetType | None = UNSET,
    kind: object = UNSET,
    **values: Any,
) -> EarningRuleRecord:
    """A rule, flat. `kind` only ever says "points"."""
    if isinstance(value, _Value):
        values |= {"points": value.points, "per_amount": value.per_amount}
    if isinstance(limit, _Limit):
        values |= {"limit": limit.times, "limit_days": limit.days}
    elif limit is None:
        values |= {"limit": None, "limit_days": None}
    return EarningRuleRecord(remote_id=remote_id, name=name, **values)


EARNING_RULE: Shape[EarningRuleRecord] = Shape(
    _rule,
    singular="earning_rule",
    plural="earning_rules",
    fields={
        "id": ID,
        "name": NAME,
        "image_url": Field("image_url", read.read_text),
        "action_text": Field("action_text", read.read_text),
        "action_url": Field("action_url", read.read_text),
        "restricted_to_vip_tier_ids": Field("tier_remote_ids", _ids, nullable=False),
        "reward": Field("kind", lambda value, zone: value),
        "reward_value": Field("value", _value),
        "earning_limit": Field("limit", _limit),
    },
)
