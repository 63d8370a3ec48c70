"""Lists as a faulty platform would send them. Knows no vendor; `sandbox/README.md` describes the faults."""

from typing import Any


def spoilt(rows: list[dict[str, Any]], fault: str | None) -> list[dict[str, Any]]:
    """The objects of one reply: half of them, or one with an object where its second field's value should be."""
    if fault == "cut_page":
        return rows[: len(rows) // 2]
    if fault == "wrong_type" and rows:
        odd = rows[len(rows) // 2]
        odd[[*odd][1]] = {"unexpected": True}
    return rows
