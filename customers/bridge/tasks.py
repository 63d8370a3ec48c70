"""Doorbells of the bridge. They hold no logic; every job finds its work in the database."""

from celery import shared_task

from customers.bridge import file_import, pull, retention, working


@shared_task
def work(bridge_id: int) -> None:
    """Walk a bridge's sales on."""
    working.work(bridge_id)


@shared_task
def sweep() -> None:
    """Ring where a message was lost, and follow up what was settled."""
    working.sweep()
    file_import.sweep()


@shared_task
def pull_feeds() -> None:
    """Read the feeds of every bridge."""
    pull.pull_all()


@shared_task
def import_file(file_id: int) -> None:
    """Import the next piece of a file."""
    file_import.work(file_id)


@shared_task
def look_after_waiting() -> None:
    """See to the sales that wait for their buyer."""
    working.look_after_waiting()


@shared_task
def erase_old() -> None:
    """Erase buyer data that are no longer needed."""
    retention.erase_old()
