"""Where a person stands: the store and till chosen in this browser.

Kept in the session and, signed, in a cookie of its own, because a till is a place and does not sign out
with the person. Nothing is believed from either: the till must still be one this person may use.
"""

from django.db.models import BigIntegerField, Exists, Q, QuerySet
from django.http import HttpRequest, HttpResponseBase

from smartbis_admin.prepared import Prepared, Slot
from smartbis_admin.staff.models import Shift, Till, User

KEY = "till"
PLACE_KEY = "place"
#: Seconds the browser remembers its till.
MEMORY = 365 * 24 * 3600


def tills_of(user: User) -> QuerySet[Till]:
    """The active tills this person may use: those of their stores, of every store when they have none."""
    tills = Till.objects.filter(is_active=True, store__is_active=True).select_related("store")
    return tills.filter(_works_in(user.pk, "store"))


def _works_in(user: int | Slot, store: str) -> Q:
    """The condition that a person may work in the store that a query knows by this name."""
    stores = User.stores.through.objects.filter(user=user)
    return Q(**{f"{store}__in": stores.values("store")}) | Q(~Exists(stores))


def _open_shifts() -> QuerySet[Shift]:
    here = Shift.objects.filter(till=Slot("till", BigIntegerField()), closed_at=None)
    in_use = here.filter(till__is_active=True, till__store__is_active=True)
    mine = in_use.filter(_works_in(Slot("user", BigIntegerField()), "till__store"))
    return mine.select_related("till__store").order_by()


_SHIFT = Prepared(_open_shifts)


def current_till(request: HttpRequest) -> Till | None:
    """The till chosen in this browser, with its store; None while nobody chose one this person may use."""
    chosen = _chosen(request)
    return None if chosen is None else tills_of(request.user).filter(pk=chosen).first()  # type: ignore[arg-type]


def current_shift(request: HttpRequest) -> Shift | None:
    """The open shift of the till chosen in this browser, whoever's it is, with `till.store`: all in one query.

    None while no shift is open there, or there is no `current_till`.
    """
    chosen, user = _chosen(request), request.user
    shift = None if chosen is None else _SHIFT.first(till=chosen, user=user.pk)
    if shift is not None and shift.cashier_id == user.pk:
        shift.cashier = user
    return shift


def _chosen(request: HttpRequest) -> int | None:
    """The key of the till chosen in this browser, as it is remembered."""
    if KEY not in request.session:
        kept = request.get_signed_cookie(KEY, default="", max_age=MEMORY)
        if not kept:
            return None
        request.session[KEY] = int(kept)
    chosen: int = request.session[KEY]
    return chosen


def last_place(request: HttpRequest) -> str:
    """Where the person stands, as text: `t3` the chosen till, else the place they last named; empty: none."""
    till = current_till(request)
    named: str = request.session.get(PLACE_KEY, "")
    return f"t{till.pk}" if till else named


def name_place(request: HttpRequest, place: str) -> None:
    """Remember for this session the place somebody named who stands at no till: `t3` a till, `s2` a store."""
    request.session[PLACE_KEY] = place


def choose_till(request: HttpRequest, response: HttpResponseBase, till: Till) -> None:
    """Remember the till for this session and, with `response`, for the next ones in this browser."""
    request.session[KEY] = till.pk
    response.set_signed_cookie(
        KEY, str(till.pk), max_age=MEMORY, httponly=True, samesite="Lax", secure=request.is_secure()
    )
