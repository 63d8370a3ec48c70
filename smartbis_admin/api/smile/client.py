"""The calls of the Smile.io REST API v1, on neutral records, in both of its editions.

Which edition an account speaks is never asked: both are read alike, and only keys both know are sent. Names
come from `wire`, the way a call is made from `account`. It must not know Django, storage or
screens. Points, purchases and activities are never sent again from here, except after a 429, which the
platform answers before acting.

Vendor documents: `contracts/smile-v1.md`; seed 004 is the older published text (base https://api.smile.io).
"""

from datetime import UTC, datetime
from functools import partial
from typing import Any

from smartbis_admin.api.capabilities import Capability, Resource
from smartbis_admin.api.cursor import CursorWalk
from smartbis_admin.api.encode import id_in_body
from smartbis_admin.api.errors import Malformed, Refused
from smartbis_admin.api.points import (
    ActivityDraft,
    ActivityRecord,
    FulfilmentRecord,
    PointsDraft,
    PointsLabel,
    PointsProductRecord,
    PointsTransactionRecord,
    PurchaseRecord,
)
from smartbis_admin.api.probes import PROBE_ROWS, probe_of
from smartbis_admin.api.records import CustomerRecord, CustomerState, Probe
from smartbis_admin.api.shapes import Listing
from smartbis_admin.api.smile import wire
from smartbis_admin.api.smile.account import SmileAccount
from smartbis_admin.api.smile.wire import bodies, objects
from smartbis_admin.api.transport import Call
from smartbis_admin.api.walk import Walk, WalkState, iterate

LONGEST_DESCRIPTION = 250


class SmileClient(SmileAccount):
    """One account of Smile.io. Safe to share between threads; `close()` frees its connections.

    Every call raises the family of `api.errors`; a key without the right to a call is `Misconfigured` with the
    reason `scope`. Writes raise no `Malformed` and return None when they were done without details.
    """

    capabilities = frozenset(
        {
            Capability.LIST_CUSTOMERS,
            Capability.LIST_POINTS_TRANSACTIONS,
            Capability.LIST_POINTS_PRODUCTS,
            Capability.LIST_FULFILMENTS,
            Capability.LIST_VIP_TIERS,
            Capability.LIST_EARNING_RULES,
            Capability.READ_CUSTOMER,
            Capability.ADD_POINTS,
            Capability.DEDUCT_POINTS,
            Capability.BUY_POINTS_PRODUCT,
            Capability.SEND_ACTIVITY,
        }
    )
    #: Lists that take `updated_at_min` (`smile-v1.md` §3).
    tells_changes = frozenset({Resource.CUSTOMERS, Resource.POINTS_TRANSACTIONS, Resource.FULFILMENTS})

    # GET customers, points_transactions, reward_fulfillments, earning_rules: cursor pages, newest first;
    # GET vip_tiers: whole; GET points_products: classic pages - smile-v1.md §2.
    def walk(
        self,
        resource: Resource,
        *,
        state: WalkState | None = None,
        per_page: int = wire.MAX_LIMIT,
        since: datetime | None = None,
        customer_remote_id: str = "",
    ) -> Walk[Any]:
        """Walk a list from its start, or from where `state` stands. Nothing is sent before `fetch()`.

        `since`: only rows updated then or later, for customers, transactions and fulfilments;
        `customer_remote_id`: only that customer's, for transactions and fulfilments. `Refused` with
        `not_offered` where the account's edition has no such list.
        """
        state = state or WalkState(per_page=min(per_page, wire.MAX_LIMIT))
        where = wire.LISTS[resource]
        query = dict(where.query)
        if since is not None:
            query[wire.Q_UPDATED] = _moment(since)
        if customer_remote_id:
            query[wire.Q_CUSTOMER] = customer_remote_id
        if resource is Resource.POINTS_PRODUCTS:
            return Walk(partial(self._classic_page, where, query), state)
        return CursorWalk(partial(self._cursor_page, where, query), state)

    def _cursor_page(
        self, where: wire.List, query: dict[str, str], cursor: str, limit: int, number: int
    ) -> tuple[Listing[Any], str | None]:
        asked = query | {wire.Q_LIMIT: str(limit)} | ({wire.Q_CURSOR: cursor} if cursor else {})
        whole = where.path == wire.VIP_TIERS
        reply = self._list(where.path, query if whole else asked)
        return self._listing(reply, where.shape, number), "" if whole else wire.next_cursor(reply.body)

    def _classic_page(
        self, where: wire.List, query: dict[str, str], page: int, page_size: int
    ) -> Listing[Any]:
        asked = query | {wire.Q_PAGE: str(page), wire.Q_PAGE_SIZE: str(page_size)}
        return self._listing(self._list(where.path, asked), where.shape, page)

    def probe(self, resource: Resource) -> Probe:
        """Read a few rows of a list and say what was recognised. Raises like any read."""
        where = wire.LISTS[resource]
        size = wire.Q_PAGE_SIZE if resource is Resource.POINTS_PRODUCTS else wire.Q_LIMIT
        reply = self._list(where.path, where.query | {size: str(PROBE_ROWS)})
        return probe_of(reply, self._listing(reply, where.shape, 1).page, where.shape)

    # GET customers/{id} - smile-v1.md §3.
    def read_customer(self, remote_id: str, *, timeout: float | None = None) -> CustomerRecord | None:
        """One customer as the platform has them now; None when it knows no such id."""
        query = {wire.Q_INCLUDE: f"{wire.INCLUDE_STATUS},{wire.INCLUDE_TIERS}"}
        return self._one(wire.CUSTOMER, {"customer_id": remote_id}, objects.PERSON, query, timeout)

    # GET customers?email= - smile-v1.md §6.1: an e-mail is not unique.
    def find_customers(self, *, email: str) -> list[CustomerRecord]:
        """Customers with exactly this e-mail, without regard to case, members first; `disabled` left out."""
        wanted = email.strip().casefold()
        query = {wire.Q_EMAIL: email.strip(), wire.Q_LIMIT: str(wire.MAX_LIMIT)}
        page = self._listing(self._list(wire.CUSTOMERS, query), objects.PERSON, 1).page
        found = [
            record
            for record in page.records
            if isinstance(record.email, str)
            and record.email.casefold() == wanted
            and record.state is not CustomerState.DISABLED
        ]
        return sorted(found, key=lambda record: (record.state is not CustomerState.MEMBER, _rank(record)))

    # GET points_products/{id} - smile-v1.md §3.
    def read_product(self, remote_id: str) -> PointsProductRecord | None:
        """One points product as it is offered now; None when there is no such id."""
        return self._one(wire.PRODUCT, {"points_product_id": remote_id}, objects.POINTS_PRODUCT)

    # GET points_transactions/{id} - smile-v1.md §3.
    def read_transaction(self, remote_id: str) -> PointsTransactionRecord | None:
        """One change of a balance; None when there is no such id."""
        return self._one(wire.TRANSACTION, {"points_transaction_id": remote_id}, objects.POINTS_TRANSACTION)

    # GET points_settings - smile-v1.md §3; absent in the older edition.
    def read_points_label(self) -> PointsLabel | None:
        """What the programme calls its points; None where the account does not say."""
        try:
            reply = self._send(Call(method="GET", path=wire.POINTS_SETTINGS, repeatable=True))
        except Refused as refused:
            if refused.status == 404:
                return None
            raise
        label, fault = None, "unexpected"
        try:
            label = wire.read_points_label(reply.body)
        except ValueError:
            fault = "not_json"
        if label is None:
            raise Malformed(f"{wire.POINTS_SETTINGS}: the reply holds no label", reply.reference, fault)
        return label

    def transactions_of(
        self, customer_remote_id: str, *, since: datetime | None = None
    ) -> list[PointsTransactionRecord]:
        """All changes of a customer's balance, the newest first. `Malformed` when the list was cut."""
        return self._all(Resource.POINTS_TRANSACTIONS, since=since, customer_remote_id=customer_remote_id)

    def fulfilments_of(self, customer_remote_id: str) -> list[FulfilmentRecord]:
        """All rewards of a customer, the newest first. `Refused` with `not_offered` on the older edition."""
        return self._all(Resource.FULFILMENTS, customer_remote_id=customer_remote_id)

    # GET points_transactions?customer_id=&updated_at_min= - smile-v1.md §6.3.
    def find_reference(
        self, reference: str, *, customer_remote_id: str, since: datetime
    ) -> PointsTransactionRecord | None:
        """The change of a balance that carries our reference; None after a complete list without it."""
        rows = self.transactions_of(customer_remote_id, since=since)
        return next((row for row in rows if bodies.reference_in(row.internal_note) == reference), None)

    # POST points_transactions - smile-v1.md §3, §6.2, §6.3. Not repeatable; a repeat credits twice.
    def change_points(
        self, draft: PointsDraft, *, timeout: float | None = None
    ) -> PointsTransactionRecord | None:
        """Add or deduct points. Refused here: `invalid_points`, `blank_description`, `description_too_long`.

        A refusal of a deduction that may mean a short balance has the code `short_balance`.
        """
        description = draft.description.strip()
        if draft.points_change == 0:
            raise _refused("invalid_points", "points_change")
        if not description:
            raise _refused("blank_description", "description")
        if len(description) > LONGEST_DESCRIPTION:
            raise _refused("description_too_long", "description")
        body = bodies.TransactionEnvelope(
            bodies.TransactionBody(
                customer_id=id_in_body(draft.customer_remote_id),
                points_change=draft.points_change,
                description=description,
                internal_note=bodies.note_with(draft.reference, draft.internal_note),
            )
        )
        spends = draft.points_change < 0
        return self._write(wire.TRANSACTIONS, body, objects.POINTS_TRANSACTION, timeout, spends=spends)

    # POST points_products/{id}/purchase - smile-v1.md §3, §6.2, §6.4. Not repeatable.
    def buy(
        self,
        *,
        product_remote_id: str,
        customer_remote_id: str,
        points_to_spend: int | None = None,
        timeout: float | None = None,
    ) -> PurchaseRecord | None:
        """Spend a customer's points on a product; `points_to_spend` for variable products alone."""
        if points_to_spend is not None and points_to_spend <= 0:
            raise _refused("invalid_points", "points_to_spend")
        body = bodies.PurchaseBody(customer_id=id_in_body(customer_remote_id))
        if points_to_spend is not None:
            body.points_to_spend = points_to_spend
        segments = {"points_product_id": product_remote_id}
        return self._write(
            wire.PURCHASE, body, objects.POINTS_PURCHASE, timeout, spends=True, segments=segments
        )

    # POST activities - smile-v1.md §3, §6.6; the older edition does not say what it answers.
    def send_activity(self, draft: ActivityDraft, *, timeout: float | None = None) -> ActivityRecord | None:
        """Tell the programme of an event; its points come later. Refused here: `blank_token`.

        `distinct_id` makes it safe to send once more after a lost answer; who calls decides that.
        """
        if not draft.token.strip():
            raise _refused("blank_token", "token")
        activity = bodies.ActivityBody(
            customer_id=id_in_body(draft.customer_remote_id),
            token=draft.token.strip(),
            distinct_id=draft.distinct_id,
        )
        if draft.happened_at is not None:
            activity.created_on_origin_at = draft.happened_at.astimezone(UTC)
        return self._write(wire.ACTIVITIES, bodies.ActivityEnvelope(activity), objects.ACTIVITY, timeout)

    def _all(self, resource: Resource, **query: Any) -> list[Any]:
        walk = self.walk(resource, **query)
        found: dict[str, Any] = {}
        lost = False
        for page in iterate(walk):
            lost |= any(issue.row_lost for issue in page.issues)
            found |= {record.remote_id: record for record in page.records if record.remote_id not in found}
        # A row that cannot be read may be the very one that is looked for.
        if walk.reason or lost:
            raise Malformed(f"{wire.LISTS[resource].path}: the list was cut", reason="cut")
        return list(found.values())


def _refused(code: str, field: str) -> Refused:
    return Refused(f"refused before sending: {code}", code=code, fields={field: []})


def _rank(record: CustomerRecord) -> tuple[int, str]:
    """Ids in the order of their numbers without computing with them: the shorter first."""
    return len(record.remote_id), record.remote_id


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
