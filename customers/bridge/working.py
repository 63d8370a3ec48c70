"""Walks sales on as far as they go by themselves: matched, checked, sent, followed up, given up on.

Every piece finds its work in the database, so a lost message or a dead worker costs a few seconds.
"""

import time
from datetime import timedelta

import structlog
from celery import current_app
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from customers.bridge import creating, leases, life, matching
from customers.bridge.checks import check_matched
from customers.bridge.life import Step
from customers.bridge.models import Bridge, PosSale
from customers.bridge.sending import follow_all, send_eligible
from customers.bridge.transitions import Event

log = structlog.get_logger(__name__)
WORK_TASK = "customers.bridge.tasks.work"
#: Seconds one message of the queue works before it lets other jobs have the worker.
SLICE = 20.0
#: Seconds after which an unheard doorbell is void; the sweeper rings again.
DOORBELL_LIFE = 60
_BATCH = 500


def ring(bridge_id: int) -> None:
    """Tell the workers, after the present transaction, that a bridge has sales to walk on."""
    transaction.on_commit(lambda: _send_doorbell(bridge_id))


def work(bridge_id: int) -> None:
    """Do the next piece of a bridge's work, then ring for the piece after it. Safe to call twice at a time."""
    worker = leases.take(bridge_id, "work")
    if worker is None:
        return
    try:
        bridge = Bridge.objects.select_related("connection", "target", "mode_by").get(pk=bridge_id)
        more = _walk(bridge, time.monotonic() + SLICE)
    finally:
        leases.give_back(bridge_id, "work", worker)
    if more:
        ring(bridge_id)


def sweep() -> None:
    """Ring for every bridge with sales that can go on, and follow up what was settled."""
    for bridge in Bridge.objects.filter(connection__is_active=True):
        follow_all(bridge)
        if PosSale.objects.filter(bridge=bridge, state__in=PosSale.MOVING).exists():
            ring(bridge.pk)


def look_after_waiting() -> None:
    """What only time brings: a customer who appeared since, a buyer to register, an age at which to give up."""
    for bridge in Bridge.objects.filter(connection__is_active=True).select_related("target", "mode_by"):
        created = creating.create_unknown(bridge, seconds=SLICE)
        if matching.match_appeared(bridge) or created:
            ring(bridge.pk)
    give_up()


def give_up() -> int:
    """End the wait of sales that stayed unidentified for `BRIDGE_IDENTIFY_DAYS`. Returns how many."""
    before = timezone.now() - timedelta(days=settings.BRIDGE_IDENTIFY_DAYS)
    waiting = PosSale.objects.filter(state=PosSale.State.UNIDENTIFIED, state_since__lt=before)
    count = 0
    while sales := list(waiting.order_by("state_since", "pk")[:_BATCH]):
        moved = life.move_many([Step(sale, Event.GAVE_UP) for sale in sales])
        count += len(moved)
        if not moved:
            # Others are at it.
            break
    return count


def _walk(bridge: Bridge, end: float) -> bool:
    """Match and check everything that can be, then send until the slice is over. Whether there is more."""
    follow_all(bridge)
    while matching.match_received(bridge):
        if time.monotonic() > end:
            return True
    while check_matched(bridge):
        if time.monotonic() > end:
            return True
    more, error, cause = send_eligible(bridge, seconds=max(end - time.monotonic(), 0))
    if (bridge.waits_for, bridge.waits_cause) != (error, cause):
        Bridge.objects.filter(pk=bridge.pk).update(waits_for=error, waits_cause=cause)
    return more


def _send_doorbell(bridge_id: int) -> None:
    try:
        current_app.send_task(WORK_TASK, args=[bridge_id], expires=DOORBELL_LIFE, retry=False)
    except (OperationalError, OSError):
        # The rows wait; the sweeper finds them.
        log.warning("doorbell_failed", bridge=bridge_id, exc_info=True)
