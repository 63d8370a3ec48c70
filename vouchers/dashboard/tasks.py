"""The job that keeps the figures. It holds no logic."""

from celery import shared_task

from vouchers.dashboard import figures


@shared_task
def refresh_figures() -> None:
    """Compute again what is due."""
    figures.refresh()
