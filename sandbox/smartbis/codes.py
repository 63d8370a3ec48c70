"""Voucher codes: a serial number becomes a code that looks drawn by lot, yet never repeats. Pure.

The code is the serial scattered over 30 bits by a bijection, written in 32 signs without look-alikes, in the
form of the contract's example `VALE-7K2M-9Q`.
"""

SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_BITS = 30
_MASK = (1 << _BITS) - 1
_FACTOR = 0x2545F491 & _MASK | 1


def voucher_code(*, serial: int, account: int) -> str:
    """The code of an account's `serial`-th voucher; unique for 2**30 serials."""
    scattered = (serial * _FACTOR) & _MASK
    scattered ^= scattered >> 15
    scattered = (scattered * _FACTOR + account * 0x1B873593) & _MASK
    text = "".join(SIGNS[scattered >> shift & 31] for shift in range(0, _BITS, 5))
    return f"VALE-{text[:4]}-{text[4:]}"
