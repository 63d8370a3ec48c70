"""The job of contingency. It holds no logic and finds its work in the database."""

from celery import shared_task

from vouchers.contingency import handing, notices


@shared_task
def hand_over() -> None:
    """Hand over what waits, and tell people of the conflicts that came of it."""
    handing.hand_over_all()
    notices.tell_owners()
