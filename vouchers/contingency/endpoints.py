"""What a till's page without a link asks of us, as JSON: the snapshot, the delivery, the signal.

The contract is `docs/contingency.md`. Words of verdicts come from the till; rows from `delivery.py`.
"""

import json
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from smartbis_admin.staff.access import ANYONE, Access
from smartbis_admin.staff.models import Shift, Till, User
from smartbis_admin.staff.places import current_till
from smartbis_admin.staff.shifts import is_locked, open_shift_at
from smartbis_admin.ui.views import AccessMixin
from vouchers.codes import till_connections
from vouchers.contingency.delivery import Receipt, UnreadableError, read_delivery, take
from vouchers.contingency.following import STATES
from vouchers.contingency.models import ContingencyUse
from vouchers.contingency.snapshot import snapshot
from vouchers.models import Redemption
from vouchers.till.scans import shown_scans
from vouchers.till.verdicts import verdict_of


class NotNowError(Exception):
    """The question cannot be answered; `word` and `status` say why."""

    def __init__(self, word: str, status: HTTPStatus = HTTPStatus.CONFLICT) -> None:
        super().__init__(word)
        self.word, self.status = word, status


class JsonAtTill(AccessMixin):
    """Base of the questions of a till: whatever keeps one from being answered is JSON too."""

    abstract = True
    access = Access.USE_TILL

    def refuse(self) -> HttpResponse:
        if self.request.user.is_authenticated:
            return _error(NotNowError("forbidden", HTTPStatus.FORBIDDEN))
        return _error(NotNowError("signed_out", HTTPStatus.UNAUTHORIZED))

    def till(self) -> Till:
        """The till chosen in this browser. Raises `NotNowError`."""
        till = current_till(self.request)
        if till is None:
            raise NotNowError("no_till")
        return till


def _error(error: NotNowError) -> HttpResponse:
    return JsonResponse({"error": error.word}, status=error.status)


class SignalView(AccessMixin):
    """Whether the till reaches us: nothing is looked up."""

    access = ANYONE
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"Cache-Control": "no-store"})


class SnapshotView(JsonAtTill):
    """What the till of one's own open shift keeps for the time without a link."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        try:
            content = snapshot(self.shift(), till_connections())
        except NotNowError as error:
            return _error(error)
        etag = f'"{content["version"]}"'
        if etag in request.headers.get("If-None-Match", ""):
            return HttpResponse(status=HTTPStatus.NOT_MODIFIED, headers={"ETag": etag})
        return JsonResponse(content, headers={"ETag": etag}, json_dumps_params={"separators": (",", ":")})

    def shift(self) -> Shift:
        till, user = self.till(), self.request.user
        shift = open_shift_at(till)
        if shift is None or shift.cashier_id != user.pk:
            raise NotNowError("no_shift")
        shift.till = till
        if is_locked(shift, user):
            raise NotNowError("locked")
        return shift


class DeliveryView(JsonAtTill):
    """What was read and accepted without a link. An open shift is not needed: it has happened."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            return JsonResponse({"items": self.take()})
        except NotNowError as error:
            return _error(error)

    def take(self) -> list[dict[str, Any]]:
        try:
            items = read_delivery(json.loads(self.request.body))
        except (ValueError, RecursionError, UnreadableError):
            raise NotNowError("unreadable", HTTPStatus.BAD_REQUEST) from None
        connections = till_connections()
        if not connections:
            raise NotNowError("no_connection", HTTPStatus.SERVICE_UNAVAILABLE)
        user: User = self.request.user  # type: ignore[assignment]
        receipts = take(items, by=user, connections=connections)
        recorded = [receipt.scan.pk for receipt in receipts if receipt.scan]
        rows = shown_scans().select_related("store").filter(pk__in=recorded)
        scans = {str(scan.pk): scan for scan in rows}
        return [_answer(receipt, scans.get(receipt.id)) for receipt in receipts]


def _answer(receipt: Receipt, scan: Redemption | None) -> dict[str, Any]:
    answer = {"id": receipt.id, "state": receipt.state, "reason": receipt.reason}
    if scan is None:
        return answer | {"contingency": None, "verdict": None}
    state = STATES.get(Redemption.State(scan.state), ContingencyUse.State.CONFLICT)
    return answer | {
        "reason": scan.reason,
        "contingency": str(state) if scan.road else None,
        "verdict": _words(scan),
    }


def _words(scan: Redemption) -> dict[str, str]:
    """The verdict of a scan, its times in the time zone of the store."""
    with timezone.override(ZoneInfo(scan.store.time_zone) if scan.store else None):
        verdict = verdict_of(scan)
        return {
            "kind": str(verdict.kind),
            "word": str(verdict.word),
            "reason": str(verdict.reason),
            "next_step": str(verdict.next_step),
        }
