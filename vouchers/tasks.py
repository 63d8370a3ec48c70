"""Jobs of this room that a manager may give a schedule of their own."""

from celery import shared_task

from smartbis_admin.api.capabilities import Resource
from smartbis_admin.sync import jobs
from vouchers import refining


@shared_task
def sync_vouchers() -> None:
    """Read the list of vouchers of every connection."""
    jobs.sync_everywhere(Resource.VOUCHERS)


@shared_task
def refine_refusals() -> None:
    """Look up why the platform refused where it did not say."""
    refining.refine_due()
