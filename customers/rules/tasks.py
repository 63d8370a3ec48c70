"""Doorbells of simulations. They hold no logic; every job finds its work in the database."""

from celery import shared_task

from customers.rules import simulation


@shared_task
def work_simulation(simulation_id: int) -> None:
    """Do a simulation."""
    simulation.work(simulation_id)


@shared_task
def sweep_simulations() -> None:
    """Ring where a message was lost, and forget old simulations."""
    simulation.sweep()
