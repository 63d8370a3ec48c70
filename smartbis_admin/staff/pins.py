"""PINs: setting one, and checking one with a brake on guessing.

A try is counted before the PIN is compared, so that guesses made at the same moment do not get more
tries than guesses in a row. Never logs a PIN and knows no request.
"""

from datetime import timedelta
from itertools import pairwise

from django.contrib.auth.hashers import check_password, make_password
from django.db.models import F
from django.utils import timezone

from smartbis_admin.staff.models import Pin, User
from smartbis_admin.staff.services import audit

#: Wrong tries in a row after which a PIN is locked, and for how long.
MOST_FAILURES = 5
LOCKED_FOR = timedelta(minutes=15)
SHORTEST, LONGEST = 4, 8


class PinLockedError(Exception):
    """Too many wrong tries; the PIN is not even compared."""


class WrongPinError(Exception):
    """This is not the person's PIN, or they have none."""


def is_guessable(pin: str) -> bool:
    """Whether a PIN is among the first anybody would try: one digit repeated, or digits in a row."""
    steps = {int(later) - int(earlier) for earlier, later in pairwise(pin)}
    return steps in ({0}, {1}, {-1})


def set_pin(*, user: User, pin: str) -> None:
    """Give a person this PIN (digits, `SHORTEST` to `LONGEST`); failures and a lock are forgotten."""
    values = {"hash": make_password(pin), "failures": 0, "locked_until": None}
    Pin.objects.update_or_create(user=user, defaults=values)
    audit(actor=user, action="pin.set", subject=f"user:{user.pk}")


def clear_pin(*, user: User, by: User) -> bool:
    """Take a person's PIN away, with its failures and lock: they choose a new one. False: they had none."""
    cleared, _by_model = Pin.objects.filter(user=user).delete()
    if cleared:
        audit(actor=by, action="pin.cleared", subject=f"user:{user.pk}")
    return bool(cleared)


def verify_pin(*, user: User, pin: str) -> None:
    """Return when this is the person's PIN. Raises `WrongPinError` or `PinLockedError`."""
    now = timezone.now()
    pins = Pin.objects.filter(user=user)
    pins.filter(locked_until__lte=now).update(failures=0, locked_until=None)
    if not pins.filter(failures__lt=MOST_FAILURES).update(failures=F("failures") + 1):
        if not pins.exists():
            raise WrongPinError
        pins.filter(locked_until=None).update(locked_until=now + LOCKED_FOR)
        raise PinLockedError
    stored = pins.get()
    if check_password(pin, stored.hash):
        pins.update(failures=0, locked_until=None)
        return
    if stored.failures >= MOST_FAILURES:
        locked = pins.filter(failures__gte=MOST_FAILURES, locked_until=None)
        if locked.update(locked_until=now + LOCKED_FOR):
            audit(actor=None, action="pin.locked", subject=f"user:{user.pk}")
        raise PinLockedError
    raise WrongPinError
