"""Where a person stands: the store and till chosen in this browser.

Kept in the session and, signed, in a cookie of its own, because a till is a place and does not sign out
with the person. Nothing is believed from either: the till must still be one this person may use.
"""

from django.db.models import Exists, Q, QuerySet
from django.http import HttpRequest, HttpResponseBase

from smartbis_admin.staff.models import Till, User

KEY = "till"
PLACE_KEY = "place"
#: Seconds the browser remembers its till.
MEMORY = 365 * 24 * 3600


def tills_of(user: User) -> QuerySet[Till]:
    """The active tills this person may use: those of their stores, of every store when they have none."""
    tills = Till.objects.filter(is_active=True, store__is_active=True).select_related("store")
    stores = user.stores.order_by().values("pk")
    return tills.filter(Q(store__in=stores) | ~Exists(stores))


def current_till(request: HttpRequest) -> Till | None:
    """The till chosen in this browser, with its store; None while nobody chose one this person may use."""
    if KEY not in request.session:
        kept = request.get_signed_cookie(KEY, default="", max_age=MEMORY)
        if not kept:
            return None
        request.session[KEY] = int(kept)
    return tills_of(request.user).filter(pk=request.session[KEY]).first()  # type: ignore[arg-type]


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
