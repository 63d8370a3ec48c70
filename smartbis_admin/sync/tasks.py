"""Doorbells of the mirror. They hold no logic; every job finds its work in the database."""

from celery import shared_task

from smartbis_admin.sync import jobs


@shared_task
def run(connection_id: int) -> None:
    """Do the next run of a connection."""
    jobs.work(connection_id)


@shared_task
def nightly() -> None:
    """Ask for every list of every connection."""
    jobs.nightly()


@shared_task
def sweep() -> None:
    """Ring again where a message was lost, take over what was abandoned, catch up a missed night."""
    jobs.sweep()


@shared_task
def everywhere(resource: str) -> None:
    """Walk one list of every connection; what its own schedule calls."""
    jobs.sync_everywhere(resource)


@shared_task
def newest(resource: str) -> None:
    """Read the last pages of one list of every connection."""
    jobs.newest_everywhere(resource)
