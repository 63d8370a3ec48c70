"""Switches: standing changes of a vendor's behaviour for one credential. Knows no vendor; names are checked
outside.

Source: contract README §4 and each vendor's file. A switch that was never set has its default.
"""

import threading


class Switches:
    """The switches that were set; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._set: dict[tuple[str, str, str], str] = {}

    def put(self, *, vendor: str, credential: str, name: str, value: str) -> None:
        """Set one switch."""
        with self._lock:
            self._set[vendor, credential, name] = value

    def get(self, *, vendor: str, credential: str, name: str, default: str) -> str:
        """The value of one switch, or `default`."""
        with self._lock:
            return self._set.get((vendor, credential, name), default)

    def rows(self) -> list[dict[str, str]]:
        """The set switches as plain rows."""
        with self._lock:
            return [
                {"vendor": vendor, "credential": credential, "name": name, "value": value}
                for (vendor, credential, name), value in self._set.items()
            ]

    def clear(self) -> None:
        """Back to the defaults."""
        with self._lock:
            self._set.clear()


switches = Switches()
