"""The embedded broker: kombu's queue of files, with messages that appear whole or not at all.

kombu makes a message's file first and fills it afterwards. A worker that looks in between reads an empty message
and ends. Knows nothing of what the messages say.
"""

import uuid
from pathlib import Path
from time import monotonic
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """Writes a message beside the queue and moves it in."""

    # kombu names this argument in two ways.
    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        # Names sort by time, which is the order the messages are taken in.
        name = f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}"
        part = Path(self.data_folder_out, f"{name}.part")
        try:
            part.write_text(dumps(payload), "utf-8")
            part.replace(Path(self.data_folder_out, f"{name}.msg"))
        except OSError as error:
            raise ChannelError(f"the queue cannot be written: {error}") from error


class Transport(filesystem.Transport):
    """kombu's transport with our channel."""

    Channel = Channel


def use() -> None:
    """Make this the transport of `filesystem://` addresses."""
    TRANSPORT_ALIASES["filesystem"] = f"{__name__}:{Transport.__name__}"
