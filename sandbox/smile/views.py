"""Smile's calls over HTTP: what was asked, what is answered. Plain Django views, for exact wire control.

`sessions` lets a request in, bodies are read by `sandbox.bodies`, effects are in `services`, objects are shown
by `wire`. Source: contract smile-v1 §2 and §3. Whatever is not listed there is a 404 in JSON.
"""

from typing import Any

from django.db.models import QuerySet

from sandbox.bodies import Bad, Reader, fields_of, json_object, text, whole
from sandbox.keys import key_of
from sandbox.lists import spoilt
from sandbox.smile import services
from sandbox.smile.models import (
    FIXED,
    FULFILLMENT_STATUSES,
    STATES,
    USAGE_STATUSES,
    VARIABLE,
    Account,
    Customer,
    EarningRule,
    PointsProduct,
    PointsTransaction,
    Reward,
    RewardFulfillment,
)
from sandbox.smile.paging import Page, cursor_page, numbered_page
from sandbox.smile.query import milliseconds
from sandbox.smile.refusals import Refused, bad_request, not_found
from sandbox.smile.sessions import Session, switch
from sandbox.vendors import Reply, json_reply

ID = whole(least=1, most=2**63 - 1)
POINTS = whole(least=1, most=2**31 - 1)
DESCRIPTION = text(least=1, most=10_000)
NOTE = text(most=10_000)
EMAIL = text(least=3, most=254)
STATUS = "vip_status"
STATUS_PARTS = (STATUS, f"{STATUS}.vip_tier", f"{STATUS}.next_vip_tier")


def list_customers(session: Session) -> Reply:
    """`GET /v1/customers`."""
    query, rows = session.query, Customer.objects.all()
    include = query.words("include", (STATUS,) if session.current else ("vip_tier",))
    email, state = query.text("email"), query.word("state", STATES)
    after = query.time("updated_at_min")
    if session.filtered:
        if email is not None:
            rows = rows.filter(account_id=session.account, email_key=email.casefold())
        if state is not None:
            rows = rows.filter(state=state)
        if after is not None:
            rows = rows.filter(updated_at__gt=after)
    return _list(session, "customers", rows, session.show(include).customer)


def get_customer(session: Session, customer_id: str) -> Reply:
    """`GET /v1/customers/{id}`."""
    include = session.query.words("include", STATUS_PARTS if session.current else ("vip_tier",))
    if include and session.current:
        include |= {STATUS}
    row = services.find_customer(key_of(account=session.account, public_id=customer_id))
    return json_reply({"customer": session.show(include).customer(row)})


def list_points_products(session: Session) -> Reply:
    """`GET /v1/points_products`; numbered pages in both editions."""
    rows = PointsProduct.objects.select_related("reward")
    kind = session.query.word("exchange_type", (FIXED, VARIABLE))
    if kind is not None and session.filtered:
        rows = rows.filter(exchange_type=kind)
    return _numbered(session, "points_products", rows, session.show().points_product)


def get_points_product(session: Session, product_id: str) -> Reply:
    """`GET /v1/points_products/{id}`."""
    key = key_of(account=session.account, public_id=product_id)
    row = PointsProduct.objects.select_related("reward").filter(pk=key).first()
    if row is None:
        raise not_found("The points product")
    return json_reply({"points_product": session.show().points_product(row)})


def purchase(session: Session, product_id: str) -> Reply:
    """`POST /v1/points_products/{id}/purchase`; the body is not wrapped."""
    fields = fields_of(
        json_object(session.request), required={"customer_id": ID}, optional={"points_to_spend": POINTS}
    )
    bought = services.purchase(
        account=session.account,
        now=session.now,
        product_key=key_of(account=session.account, public_id=product_id),
        customer_key=_key(session, fields["customer_id"]),
        points_to_spend=fields.get("points_to_spend"),
    )
    return session.created("points_purchase", session.show().points_purchase(bought))


def create_points_transaction(session: Session) -> Reply:
    """`POST /v1/points_transactions`; today's edition may leave the description out."""
    described = {"description": DESCRIPTION}
    fields = _wrapped(
        session,
        "points_transaction",
        required={"customer_id": ID, "points_change": _change} | ({} if session.current else described),
        optional={"internal_note": NOTE} | (described if session.current else {}),
    )
    made = services.change_points(
        customer_key=_key(session, fields["customer_id"]),
        now=session.now,
        change=fields["points_change"],
        description=fields.get("description", ""),
        internal_note=fields.get("internal_note"),
    )
    return session.created("points_transaction", session.show().points_transaction(made))


def list_points_transactions(session: Session) -> Reply:
    """`GET /v1/points_transactions`."""
    rows = _of_customer(session, PointsTransaction.objects.all())
    return _list(session, "points_transactions", rows, session.show().points_transaction)


def get_points_transaction(session: Session, transaction_id: str) -> Reply:
    """`GET /v1/points_transactions/{id}`."""
    key = key_of(account=session.account, public_id=transaction_id)
    row = PointsTransaction.objects.filter(pk=key).first()
    if row is None:
        raise not_found("The points transaction")
    return json_reply({"points_transaction": session.show().points_transaction(row)})


def create_activity(session: Session) -> Reply:
    """`POST /v1/activities`; what it gives comes later."""
    common: dict[str, Reader] = {"distinct_id": text(least=1, most=254), "created_on_origin_at": milliseconds}
    if session.current:
        more: dict[str, Reader] = {"customer_id": ID, "customer_email": EMAIL}
        fields = _wrapped(session, "activity", required={"token": DESCRIPTION}, optional=common | more)
        if ("customer_id" in fields) == ("customer_email" in fields):
            raise bad_request({"customer_id or customer_email": "is required, one of them"})
    else:
        more = {"properties": _object, "updated_on_origin_at": milliseconds}
        required: dict[str, Reader] = {"token": DESCRIPTION, "customer_id": ID}
        fields = _wrapped(session, "activity", required=required, optional=common | more)
    if "customer_id" in fields:
        customer = services.find_customer(_key(session, fields["customer_id"]))
    else:
        customer = services.customer_of_email(account=session.account, email=fields["customer_email"])
    activity, new = services.record_activity(
        customer=customer,
        now=session.now,
        token=fields["token"],
        distinct_id=fields.get("distinct_id"),
        created_on_origin_at=fields.get("created_on_origin_at"),
    )
    if not new and switch(session.credential, "distinct_repeat") == "reject":
        raise Refused("An activity with this token and distinct_id already exists.", 422)
    if session.current:
        return session.created("activity", session.show().activity(activity), committed=new)
    session.call.committed = new
    return json_reply({})


def list_reward_fulfillments(session: Session) -> Reply:
    """`GET /v1/reward_fulfillments`."""
    query = session.query
    rows = _of_customer(session, RewardFulfillment.objects.filter(customer_id__isnull=False))
    for name, words in (("fulfillment_status", FULFILLMENT_STATUSES), ("usage_status", USAGE_STATUSES)):
        word = query.word(name, words)
        if word is not None and session.filtered:
            rows = rows.filter(**{name: word})
    return _list(session, "reward_fulfillments", rows, session.show().reward_fulfillment, end="")


def list_earning_rules(session: Session) -> Reply:
    """`GET /v1/earning_rules`; enabled ones only."""
    rows = EarningRule.objects.filter(enabled=True)
    return _list(session, "earning_rules", rows, session.show().earning_rule, end="")


def list_vip_tiers(session: Session) -> Reply:
    """`GET /v1/vip_tiers`; the whole list, lowest first."""
    show = session.show(session.query.words("include", ("perks", "entry_rewards")) | {"tiers"})
    rewards = {row.pk: row for row in Reward.objects.filter(account_id=session.account)}
    return json_reply({"vip_tiers": [show.listed_tier(row, rewards) for row in show.tiers.values()]})


def get_points_settings(session: Session) -> Reply:
    """`GET /v1/points_settings`."""
    account = Account.objects.get(pk=session.account)
    label = {"one": account.label_one, "other": account.label_other}
    return json_reply({"points_settings": {"points_label": label}})


def create_or_update_identity(session: Session) -> Reply:
    """`POST /v1/customer_identities/create_or_update`: no key has the scope, so that nobody gets here."""
    raise not_found()


def _list(session: Session, kind: str, rows: QuerySet[Any], show: Any, *, end: str | None = None) -> Reply:
    """A page by cursor; the older edition also numbers its pages. `end` is what the last cursor looks like."""
    query = session.query
    asked = query.has("page") or query.has("page_size")
    if asked and not session.current and not (query.has("limit") or query.has("cursor")):
        return _numbered(session, kind, rows, show)
    limit, cursor = query.size("limit"), query.text("cursor")
    page: Page = cursor_page(
        rows, account=session.account, limit=limit, cursor=cursor if session.paged else None
    )
    metadata = {"next_cursor": page.next_cursor or end, "previous_cursor": page.previous_cursor}
    shown = page.before() if session.call.fault == "repeat_page" else page.rows
    return json_reply({kind: spoilt([show(row) for row in shown], session.call.fault), "metadata": metadata})


def _numbered(session: Session, kind: str, rows: QuerySet[Any], show: Any) -> Reply:
    size = session.query.size("page_size")
    number = session.query.number("page", default=1, most=10**9 - 1)
    if not session.paged:
        number = 1
    elif session.call.fault == "repeat_page":
        number = max(1, number - 1)
    page = numbered_page(rows, account=session.account, number=number, size=size)
    return json_reply({kind: spoilt([show(row) for row in page], session.call.fault)})


def _of_customer(session: Session, rows: QuerySet[Any]) -> QuerySet[Any]:
    """The rows of one customer, and not older than asked for; at the moment asked for counts."""
    customer_id, since = session.query.id("customer_id"), session.query.time("updated_at_min")
    if session.filtered:
        if customer_id is not None:
            rows = rows.filter(customer_id=key_of(account=session.account, public_id=customer_id))
        if since is not None:
            rows = rows.filter(updated_at__gte=since)
    return rows


def _wrapped(
    session: Session, kind: str, *, required: dict[str, Reader], optional: dict[str, Reader]
) -> dict[str, Any]:
    """The values of a body that is wrapped in the name of the resource."""
    inner = fields_of(json_object(session.request), required={kind: _object})[kind]
    return fields_of(inner, required=required, optional=optional)


def _object(value: Any) -> Any:
    if not isinstance(value, dict):
        raise Bad("no_object")
    return value


def _change(value: Any) -> int:
    change: int = whole(least=1 - 2**31, most=2**31 - 1)(value)
    if change == 0:
        raise Bad("zero")
    return change


def _key(session: Session, public_id: int) -> int:
    return key_of(account=session.account, public_id=str(public_id))
