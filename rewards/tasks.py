"""Jobs of this room that a manager may give a schedule of their own."""

from celery import shared_task

from smartbis_admin.api.capabilities import Resource
from smartbis_admin.sync import jobs


@shared_task
def sync_categories() -> None:
    """Read the list of categories of every connection."""
    jobs.sync_everywhere(Resource.CATEGORIES)


@shared_task
def sync_rewards() -> None:
    """Read the list of rewards, with their stock, of every connection."""
    jobs.sync_everywhere(Resource.REWARDS)
