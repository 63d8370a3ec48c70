"""The leaky bucket: ten requests at once, ten more a second, per key. Pure; knows no HTTP.

Source: contract smile-v1 §1, Pace.
"""

import threading

CAPACITY = 10
DRAINED_PER_SECOND = 10


class Buckets:
    """The fill of every key's bucket; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._fills: dict[str, tuple[float, float]] = {}

    def take(self, key: str, at: float) -> bool:
        """Let a request of `key` at `at` (seconds) into the bucket; False when it is full.

        A clock that was set back makes what was measured meaningless: the bucket is then empty.
        """
        with self._lock:
            fill, measured = self._fills.get(key, (0.0, at))
            passed = at - measured
            fill = 0.0 if passed < 0 else max(0.0, fill - passed * DRAINED_PER_SECOND)
            # The sum of many small leaks is not exact; a millionth of a request is nobody's.
            fits = fill + 1 <= CAPACITY + 1e-6
            self._fills[key] = (fill + 1 if fits else fill, at)
            return fits

    def forget(self) -> None:
        """Empty every bucket."""
        with self._lock:
            self._fills.clear()


buckets = Buckets()
