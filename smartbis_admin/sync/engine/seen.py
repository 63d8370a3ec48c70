"""Which local rows a walk has seen: one bit per primary key, so that a million rows cost 125 kB.

Knows numbers only.
"""

import zlib
from collections.abc import Iterable


class SeenRows:
    """A set of local primary keys. They are dense, because rows are never deleted."""

    def __init__(self, packed: bytes | memoryview | None = None) -> None:
        self._bits = bytearray(zlib.decompress(packed)) if packed else bytearray()

    def add(self, keys: Iterable[int]) -> int:
        """Remember the keys; return how many were not seen before."""
        bits = self._bits
        new = 0
        for key in keys:
            place, bit = key >> 3, 1 << (key & 7)
            if place >= len(bits):
                # Grow ahead, or every page of a first load would copy the whole map.
                bits.extend(bytes(place + 1 + len(bits) // 8 - len(bits)))
            if not bits[place] & bit:
                bits[place] |= bit
                new += 1
        return new

    def __contains__(self, key: int) -> bool:
        place = key >> 3
        return place < len(self._bits) and bool(self._bits[place] & 1 << (key & 7))

    def count_to(self, last: int) -> int:
        """How many keys up to and including `last` were seen."""
        whole, rest = divmod(last + 1, 8)
        count = int.from_bytes(self._bits[:whole]).bit_count()
        return count + sum(key in self for key in range(whole * 8, whole * 8 + rest))

    @property
    def size(self) -> int:
        """Bytes in memory."""
        return len(self._bits)

    def pack(self) -> bytes:
        """The map as it is kept in the run's row; `SeenRows(packed)` reads it."""
        return zlib.compress(self._bits, level=1)
