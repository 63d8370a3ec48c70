"""Jobs of this room: two that a manager may give a schedule of their own, and the watch over the stock."""

from celery import shared_task

from rewards import outlook
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


@shared_task
def watch_stock() -> None:
    """Keep what the platform says about stocks, and how fast they go."""
    outlook.note_levels()
    outlook.measure()
