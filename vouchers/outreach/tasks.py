"""The jobs of communication. They hold no logic and find their work in the database."""

from celery import shared_task

from vouchers.outreach import answers, campaigns, looking, sending


@shared_task
def look() -> None:
    """Look through the mirror for occasions that are due, and walk through audiences."""
    looking.look_all()
    campaigns.walk_all()


@shared_task
def send() -> None:
    """Send what is due."""
    sending.work()


@shared_task
def erase() -> None:
    """Erase what customers wrote, once it has been kept long enough."""
    answers.erase_old()
