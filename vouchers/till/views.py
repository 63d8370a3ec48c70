"""The till's pages: where one stands, the till itself, one scan, and what is new. Shifts: `shift_views.py`.

A scan answers with the banner for the till's script (a request that says `HX-Request`), and with a page
that shows the verdict for a plain form. Words come from `verdicts.py`, rows from `scans.py`.
"""

import uuid
from contextlib import suppress
from decimal import Decimal
from http import HTTPStatus
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from csp.constants import WASM_UNSAFE_EVAL
from csp.decorators import csp_update
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_htmx.http import HttpResponseClientRedirect

from customers.services import find_customer
from smartbis_admin.api.brazil import mask_cpf
from smartbis_admin.api.errors import ApiError
from smartbis_admin.staff.access import Access
from smartbis_admin.staff.models import Shift, Till, User
from smartbis_admin.staff.places import choose_till, current_shift, current_till
from smartbis_admin.staff.shifts import (
    TillTakenError,
    cashiers_with_pin,
    is_locked,
    open_shift,
    touch,
)
from smartbis_admin.ui.formats import money
from smartbis_admin.ui.navigation import may
from smartbis_admin.ui.views import AccessMixin, FormView
from vouchers.codes import cpf_in, resolve_code
from vouchers.contingency.accepting import NotAcceptedError, accept
from vouchers.contingency.handing import ring_when_back
from vouchers.contingency.policy import mode_of
from vouchers.elsewhere.services import shown, tell_apart
from vouchers.models import Redemption
from vouchers.redemption import NoConnectionError, redeem
from vouchers.till import notices, unreached
from vouchers.till.forms import AmountForm, Asked, PlaceForm, read_asked
from vouchers.till.kinds import Verdict
from vouchers.till.look import Look, check_sale, forget, must_show, shown_voucher
from vouchers.till.offline_notices import OFFLINE
from vouchers.till.scans import one_scan, recent_scans, shown_scans, surroundings
from vouchers.till.unreached import answer_to
from vouchers.till.verdicts import verdict_of


class AtTill(AccessMixin):
    """Base of what happens at a till: without one, the person first says where they stand.

    Everything is shown in the time zone of the store.
    """

    abstract = True
    access = Access.USE_TILL
    till: Till

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may(request.user, self.access):
            return super().dispatch(request, *args, **kwargs)
        till = self.place()
        if till is None:
            choose = reverse("vouchers:till_place")
            return HttpResponseClientRedirect(choose) if request.htmx else HttpResponseRedirect(choose)  # type: ignore[attr-defined]
        self.till = till
        with timezone.override(ZoneInfo(till.store.time_zone)):
            gate = self.gate()
            if gate is None:
                return super().dispatch(request, *args, **kwargs)
            add_never_cache_headers(gate)
            return gate

    def place(self) -> Till | None:
        """The till chosen in this browser, with its store; None: none that this person may use."""
        return current_till(self.request)

    def gate(self) -> HttpResponse | None:
        """The answer to somebody who may not go on yet; None: they may."""
        return None

    def verdict_context(self, scan: Redemption | None, verdict: Verdict) -> dict[str, Any]:
        """What `vouchers/till/verdict.html` shows of a scan and the customer behind it."""
        voucher = scan.voucher if scan else None
        customer = voucher.customer if voucher else None
        may_sell = customer is not None and may(self.request.user, Access.REGISTER_SALE)
        return {
            "scan": scan,
            "verdict": verdict,
            "voucher": voucher,
            "customer": customer,
            "sale_url": reverse("customers:sale", args=[customer.pk]) if customer and may_sell else "",
            **shown(scan),
        }

    def render_verdict(self, scan: Redemption | None, verdict: Verdict, **more: Any) -> HttpResponse:
        """The banner alone, for the till's script."""
        context = self.verdict_context(scan, verdict) | more
        return render(self.request, "vouchers/till/verdict.html", context)

    def render_page(self, scan: Redemption | None, verdict: Verdict, **more: Any) -> HttpResponse:
        """The whole till with this verdict in its banner."""
        context = {
            **self.verdict_context(scan, verdict),
            "page_title": pgettext_lazy("screen", "Caixa"),
            "till": self.till,
            "stages": notices.STAGES,
            "scan_id": uuid.uuid4(),
            **self.status_context(),
            **more,
        }
        return render(self.request, "vouchers/till/till.html", context)

    def status_context(self) -> dict[str, Any]:
        """What `vouchers/till/status.html` shows."""
        lines = [(scan, verdict_of(scan)) for scan in recent_scans(self.till)]
        return {"lines": lines, "around": surroundings(self.till)}


class OnShift(AtTill):
    """Base of what needs one's own open shift at the till, `self.shift`, that has not locked itself."""

    abstract = True
    shift: Shift
    #: Whoever's is open here; found with the till by one query.
    _open: Shift | None = None

    def place(self) -> Till | None:
        self._open = current_shift(self.request)
        return self._open.till if self._open else super().place()

    def render_page(self, scan: Redemption | None, verdict: Verdict, **more: Any) -> HttpResponse:
        return super().render_page(scan, verdict, shift=self.shift, offline=OFFLINE, **more)

    def gate(self) -> HttpResponse | None:
        user: User = self.request.user  # type: ignore[assignment]
        shift = self._open
        if shift is not None and shift.cashier_id == user.pk and not is_locked(shift, user):
            self.shift = shift
            return None
        if self.request.htmx:  # type: ignore[attr-defined]
            return HttpResponseClientRedirect(reverse("vouchers:till"))
        context = {
            "page_title": pgettext_lazy("screen", "Caixa"),
            "till": self.till,
            "shift": shift,
            "is_own": shift is not None and shift.cashier_id == user.pk,
            "may_switch": cashiers_with_pin(self.till).exists(),
            "was_scan": self.request.method == "POST",
        }
        return render(self.request, "vouchers/till/shift_gate.html", context)

    def status_context(self) -> dict[str, Any]:
        return super().status_context() | {"mode": mode_of(self.shift)}

    def answer_scan(self, scan: Redemption) -> HttpResponse:
        """The verdict of a recorded scan."""
        if not self.request.htmx:  # type: ignore[attr-defined]
            return HttpResponseRedirect(reverse("vouchers:till_verdict", args=[scan.pk]))
        return self.render_verdict(scan, answer_to(scan, self.shift))


class PlaceView(FormView):
    """Choose the store and till one stands at; remembered in this browser."""

    access = Access.USE_TILL
    form_class = PlaceForm
    template_name = "vouchers/till/place.html"
    title = _("Onde você está?")
    success_url = reverse_lazy("vouchers:till")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.request.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        tills = context["form"].fields["till"].queryset
        stores = [(store, list(here)) for store, here in groupby(tills, key=lambda till: till.store)]
        return context | {"stores": stores, "current": current_till(self.request)}

    def form_valid(self, form: PlaceForm) -> HttpResponse:
        response, till = HttpResponseRedirect(self.get_success_url()), form.cleaned_data["till"]
        choose_till(self.request, response, till)
        # Where somebody else stands, the till's page says so and asks.
        with suppress(TillTakenError):
            open_shift(till=till, cashier=self.request.user)  # type: ignore[arg-type]
        return response


@method_decorator(csp_update({"script-src": [WASM_UNSAFE_EVAL]}), name="dispatch")
class TillView(OnShift):
    """The till, idle or with the verdict of one of its scans. The camera's decoder is WebAssembly."""

    def get(self, request: HttpRequest, pk: uuid.UUID | None = None) -> HttpResponse:
        touch(self.shift)
        if pk is None:
            return self.render_page(None, notices.STAGES["idle"])
        by_script = request.htmx  # type: ignore[attr-defined]
        scan = shown_scans().filter(pk=pk, till=self.till).first()
        if scan is None:
            # To the script this is an answer: the scan never arrived here.
            if by_script:
                return HttpResponse(status=HTTPStatus.NO_CONTENT)
            raise Http404
        verdict = answer_to(scan, self.shift)
        return self.render_verdict(scan, verdict) if by_script else self.render_page(scan, verdict)


class StatusView(OnShift):
    """The latest scans and the state of things; the till's script asks again and again."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "vouchers/till/status.html", self.status_context())


class ScanView(OnShift):
    """One scan: validates the voucher, or looks the customer up when a CPF was typed."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest) -> HttpResponse:
        asked = read_asked(request.POST)
        if not isinstance(asked, Asked):
            wrong_amount = asked == {"amount"}
            return self.answer(notices.unreadable_amount()) if wrong_amount else HttpResponseBadRequest()
        touch(self.shift)
        if asked.contingency:
            return self.accept(asked.scan)
        code = asked.code
        if asked.confirm:
            confirmed = self.confirmed(asked.scan, asked.amount)
            if isinstance(confirmed, Verdict):
                return self.answer(confirmed)
            code = confirmed
        elif cpf := cpf_in(code):
            return self.look_up(cpf)
        resolved = resolve_code(code)
        if resolved.voucher is None and (other := self.tell_apart(asked)):
            return self.answer_scan(other)
        look = must_show(request, till=self.till, scan_id=asked.scan, voucher=resolved.voucher)
        if look:
            return self.show_first(look)
        try:
            scan = redeem(
                scan_id=asked.scan,
                code=code,
                resolved=resolved,
                cashier=request.user,  # type: ignore[arg-type]
                store=self.till.store,
                till=self.till,
                shift=self.shift,
                happened_at=asked.happened_at,
                rows=one_scan,
            )
        except NoConnectionError:
            return self.answer(notices.no_connection())
        # As it stood before the call: one that was failing and now answers is back.
        ring_when_back(scan, resolved.connection)
        return self.answer_scan(scan)

    def tell_apart(self, asked: Asked) -> Redemption | None:
        """The scan of a code or card of another programme, recorded; None: none that is known."""
        scan = tell_apart(
            scan_id=asked.scan,
            code=asked.code,
            cashier=self.request.user,  # type: ignore[arg-type]
            till=self.till,
            shift=self.shift,
            happened_at=asked.happened_at,
        )
        return one_scan().get(pk=scan.pk) if scan else None

    def accept(self, pk: uuid.UUID) -> HttpResponse:
        """Accept the voucher of a scan that found no platform; it was offered and somebody said yes."""
        scan = shown_scans().filter(pk=pk, till=self.till).first()
        if scan is None:
            return self.answer(unreached.refused("over"))
        try:
            accept(scan=scan, shift=self.shift, by=self.request.user)  # type: ignore[arg-type]
        except NotAcceptedError as error:
            return self.answer(unreached.refused(error.code))
        return self.answer_scan(one_scan().get(pk=pk))

    def confirmed(self, scan_id: uuid.UUID, amount: Decimal | None) -> str | Verdict:
        """The code of the voucher that was shown and is confirmed, or why it is not validated."""
        if Redemption.objects.filter(pk=scan_id).exists():
            return ""
        voucher = shown_voucher(self.request, self.till)
        if voucher is None:
            return notices.look_is_over()
        minimum = voucher.minimum_purchase
        if (
            amount is not None
            and minimum is not None
            and check_sale(voucher, amount, self.till.store).is_below
        ):
            forget(self.request)
            return notices.below_minimum(money(amount), money(minimum))
        return voucher.remote_id

    def show_first(self, look: Look) -> HttpResponse:
        """The voucher as the mirror knows it, and how to go on. Nothing was sent."""
        more = {"voucher": look.voucher, "customer": look.voucher.customer, "look_id": uuid.uuid4()}
        verdict = notices.look_first(look.why)
        if self.request.htmx:  # type: ignore[attr-defined]
            return self.render_verdict(None, verdict, **more)
        return self.render_page(None, verdict, **more)

    def look_up(self, cpf: str) -> HttpResponse:
        """Lead to the customer with this CPF. Nothing is asked about a voucher."""
        try:
            customer = find_customer(cpf=cpf)
        except ApiError as error:
            return self.answer(notices.customer_not_asked(mask_cpf(cpf), error))
        if customer is None:
            return self.answer(notices.no_customer(mask_cpf(cpf)))
        url = reverse("customers:detail", args=[customer.pk])
        if not self.request.htmx:  # type: ignore[attr-defined]
            return HttpResponseRedirect(url)
        return self.render_verdict(None, notices.found_customer(), customer=customer, go=url)

    def answer(self, verdict: Verdict) -> HttpResponse:
        """A verdict about nothing that was recorded."""
        if self.request.htmx:  # type: ignore[attr-defined]
            return self.render_verdict(None, verdict)
        return self.render_page(None, verdict)


class AmountView(OnShift):
    """What the sale that is typed means for the voucher that is shown. Asks only our own copy."""

    def get(self, request: HttpRequest) -> HttpResponse:
        form, voucher = AmountForm(request.GET), shown_voucher(request, self.till)
        amount = form.cleaned_data["amount"] if form.is_valid() else None
        check = check_sale(voucher, amount, self.till.store) if voucher and amount is not None else None
        return render(request, "vouchers/till/amount.html", {"check": check, "amount": amount})
