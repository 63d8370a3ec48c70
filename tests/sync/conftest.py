"""A connection that needs no sandbox, small pages, and the doorbells that were rung."""

from typing import Any

import pytest
from celery import Celery

from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.services import create_connection
from smartbis_admin.sync.engine import walking


@pytest.fixture
def account(db: None) -> Connection:
    """A connection whose platform is handed to the engine by the test."""
    return create_connection(
        by=None, provider="smartbis", name="Conta", base_url="http://127.0.0.1:9/v2/", credentials={}
    )


@pytest.fixture
def other_account(db: None) -> Connection:
    return create_connection(
        by=None, provider="smartbis", name="Outra", base_url="http://127.0.0.1:9/v2/", credentials={}
    )


@pytest.fixture
def pages_of_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten rows a page, so that a walk of several pages is short."""
    monkeypatch.setattr(walking, "PER_PAGE", 10)


@pytest.fixture
def doorbells(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """(task, arguments) of every message handed to the broker."""
    sent: list[tuple[str, Any]] = []

    def send_task(self: Celery, name: str, args: Any = (), **options: Any) -> None:
        sent.append((name, list(args)))

    monkeypatch.setattr(Celery, "send_task", send_task)
    return sent
