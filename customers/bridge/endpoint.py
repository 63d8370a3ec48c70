"""The door itself: reads no more of a request than the contract allows, and says what became of it in its status."""

import structlog
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt

from customers.bridge.push import take_delivery
from smartbis_admin.api.smartpos.push import MAX_BODY, DeliveryRefused
from smartbis_admin.staff.access import ANYONE
from smartbis_admin.ui.views import AccessMixin

log = structlog.get_logger(__name__)
#: Seconds after which the sender may try again when nothing could be stored.
RETRY_AFTER = 30


@method_decorator(csrf_exempt, name="dispatch")
class PushView(AccessMixin):
    """Where SmartPOS posts sales. The signature is the sign-in; there is no session."""

    access = ANYONE
    http_method_names = ("post",)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        # One byte more tells that it is too much, however long it says it is.
        body = request.read(MAX_BODY + 1)
        try:
            answer = take_delivery(token=token, headers=request.headers, body=body)
        except DeliveryRefused as refused:
            return JsonResponse({"error": refused.reason}, status=refused.status)
        except DatabaseError:
            log.exception("delivery_not_stored")
            return JsonResponse(
                {"error": "unavailable"}, status=503, headers={"Retry-After": str(RETRY_AFTER)}
            )
        return JsonResponse(answer, status=202)
