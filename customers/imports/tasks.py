"""Doorbells of the imports. They hold no logic; every job finds its work in the database."""

from celery import shared_task

from customers.imports import retention, sending


@shared_task
def work(import_id: int) -> None:
    """Do the next piece of an import's work."""
    sending.work(import_id)


@shared_task
def sweep() -> None:
    """Follow up what is in doubt and ring where a message was lost."""
    sending.sweep()


@shared_task
def erase_old() -> None:
    """Erase what files brought, once it has been kept long enough."""
    retention.erase_old()
