"""Messages of the embedded broker: a worker that looks while one is being written sees none, and then all of it."""

from collections.abc import Callable
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection
from kombu.transport import filesystem

from smartbis_admin import filequeue
from smartbis_admin.celery import app

MESSAGE = {"body": "olá", "headers": {"task": "sync"}}


@pytest.fixture
def open_channel(tmp_path: Path) -> Callable[[Any], Any]:
    options = {
        "data_folder_in": str(tmp_path),
        "data_folder_out": str(tmp_path),
        "control_folder": str(tmp_path / "control"),
    }

    def make(transport: Any) -> Any:
        return Connection("filesystem://", transport=transport, transport_options=options).channel()

    return make


def test_the_program_uses_it() -> None:
    assert type(app.connection_for_write("filesystem://").transport) is filequeue.Transport


def test_a_message_half_written_is_not_there_yet(
    open_channel: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    channel, seen = open_channel(filequeue.Transport), []
    write_text = Path.write_text

    def look(self: Path, data: str, *args: Any) -> int:
        written = write_text(self, data[:10], *args)
        seen.append(sorted(path.suffix for path in tmp_path.iterdir() if path.is_file()))
        with pytest.raises(Empty):
            channel._get("celery")
        return written - 10 + write_text(self, data, *args)

    monkeypatch.setattr(Path, "write_text", look)
    channel._put("celery", MESSAGE)
    assert seen == [[".part"]]
    assert channel._get("celery") == MESSAGE
    with pytest.raises(Empty):
        channel._get("celery")


def test_without_it_a_worker_reads_an_empty_message(
    open_channel: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = open_channel(filesystem.Transport)
    dumps = filesystem.dumps

    def look(payload: Any) -> str:
        with pytest.raises(ValueError, match="Expecting value"):
            channel._get("celery")
        return dumps(payload)

    monkeypatch.setattr(filesystem, "dumps", look)
    channel._put("celery", MESSAGE)


def test_messages_are_taken_in_their_order_and_by_queue(open_channel: Callable[[Any], Any]) -> None:
    channel = open_channel(filequeue.Transport)
    for number in range(3):
        channel._put("celery", {"number": number})
    channel._put("other", {"number": 9})
    taken = [channel._get("celery")["number"] for _ in range(3)]
    assert sorted(taken) == [0, 1, 2]
    with pytest.raises(Empty):
        channel._get("celery")
    assert channel._get("other") == {"number": 9}


def test_a_queue_that_cannot_be_written_says_so(open_channel: Callable[[Any], Any], tmp_path: Path) -> None:
    channel = open_channel(filequeue.Transport)
    channel.__dict__["data_folder_out"] = str(tmp_path / "gone")
    with pytest.raises(filequeue.ChannelError, match="cannot be written"):
        channel._put("celery", MESSAGE)
