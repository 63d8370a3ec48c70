"""Jobs of the ledger. They hold no logic; every job finds its work in the database."""

from celery import shared_task

from smartbis_admin.writes import settling


@shared_task
def settle_open() -> None:
    """Notice dead processes, then look at the evidence of everything that is due."""
    settling.notice_dead_processes()
    for write_id in settling.due_ids():
        settle_one.delay(write_id)


@shared_task
def settle_one(write_id: str) -> None:
    """Look at the evidence of one write in doubt."""
    settling.look(write_id)
