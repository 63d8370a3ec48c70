"""Doorbells of acts on many rows. They hold no logic; every job finds its work in the database."""

import uuid

from celery import shared_task

from smartbis_admin.ui.bulk import jobs


@shared_task
def work_bulk(job_id: str) -> None:
    """Do a job."""
    jobs.work(uuid.UUID(job_id))


@shared_task
def sweep_bulk() -> None:
    """Ring where a message was lost, and forget old jobs."""
    jobs.sweep()
