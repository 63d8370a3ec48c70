"""Jobs of this room: one that a manager may give a schedule of its own, and the program's own clockwork."""

from celery import shared_task

from customers.notes import erase_deleted
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.sync import jobs


@shared_task
def sync_customers() -> None:
    """Read the list of customers of every connection."""
    jobs.sync_everywhere(Resource.CUSTOMERS)


@shared_task
def erase_deleted_notes() -> None:
    """Erase notes about customers that can no longer be brought back."""
    erase_deleted()
