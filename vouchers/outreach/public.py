"""Pages and doors for people who do not sign in: WhatsApp's webhook, ending e-mails, the survey.

A signed word in the address says which message it is about; nothing personal is shown. They work without
JavaScript and without a cookie, hence without the CSRF word: what they do is what the word allows.
"""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.crypto import constant_time_compare
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt

from smartbis_admin.api.errors import Malformed
from smartbis_admin.api.whatsapp.webhook import SIGNATURE_HEADER, read_webhook, signature_holds
from smartbis_admin.connections.doors import connection_at_door
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.providers import Provider
from smartbis_admin.staff.access import ANYONE
from smartbis_admin.ui.views import AccessMixin
from vouchers.outreach.answers import BEST, answer_survey, take_webhook
from vouchers.outreach.models import Message, SurveyAnswer
from vouchers.outreach.opting import opt_out_by_link
from vouchers.outreach.tokens import message_of_opt_out, message_of_survey
from vouchers.outreach.triggers import Trigger


@method_decorator(csrf_exempt, name="dispatch")
class WebhookView(AccessMixin):
    """Where WhatsApp reports: GET proves the address to Meta, POST brings receipts and messages."""

    access = ANYONE
    http_method_names = ["get", "post", "options"]

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        connection = self._connection(token)
        known = connection.credentials.get("verify_token", "")
        said = request.GET.get("hub.verify_token", "")
        if request.GET.get("hub.mode") != "subscribe" or not known or not constant_time_compare(said, known):
            return HttpResponse(status=HTTPStatus.FORBIDDEN)
        return HttpResponse(request.GET.get("hub.challenge", ""), content_type="text/plain")

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        connection = self._connection(token)
        try:
            body = request.body
        except RequestDataTooBig:
            return HttpResponse(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        header = request.headers.get(SIGNATURE_HEADER, "")
        secret = connection.credentials.get("app_secret", "")
        if not signature_holds(app_secret=secret, body=body, header=header):
            return HttpResponse(status=HTTPStatus.UNAUTHORIZED)
        try:
            webhook = read_webhook(body, phone_number_id=connection.credentials.get("phone_number_id", ""))
        except Malformed:
            return HttpResponse(status=HTTPStatus.BAD_REQUEST)
        take_webhook(connection, webhook)
        return HttpResponse(status=HTTPStatus.OK)

    @staticmethod
    def _connection(token: str) -> Connection:
        connection = connection_at_door(Provider.WHATSAPP, token)
        if connection is None:
            raise Http404
        return connection


class OfMessage(AccessMixin):
    """Base of the pages a message leads to; they speak its language."""

    abstract = True
    template_name = ""

    def show(self, message: Message, **context: Any) -> HttpResponse:
        with translation.override(message.language):
            # A reader's program that looks ahead must not be remembered as the customer.
            return render(self.request, self.template_name, {"message": message, **context})

    @staticmethod
    def find(pk: Any) -> Message:
        rows = Message.objects.select_related("customer__connection")
        message = rows.filter(pk=pk).first() if pk else None
        if message is None:
            raise Http404
        return message


@method_decorator(csrf_exempt, name="dispatch")
class OptOutView(OfMessage):
    """End messages: GET asks, POST does it, also as the one press of RFC 8058."""

    access = ANYONE
    http_method_names = ["get", "post", "options"]
    template_name = "outreach/public/opt_out.html"

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self.show(self.find(message_of_opt_out(token)), done=False)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        message = self.find(message_of_opt_out(token))
        opt_out_by_link(message=message, everything=request.POST.get("all") == "on")
        return self.show(message, done=True, everything=request.POST.get("all") == "on")


@method_decorator(csrf_exempt, name="dispatch")
class SurveyView(OfMessage):
    """The satisfaction survey: a number from 0 to 10 and, who likes, a few words."""

    access = ANYONE
    http_method_names = ["get", "post", "options"]
    template_name = "outreach/public/survey.html"

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        message = self._invitation(token)
        answer = SurveyAnswer.objects.filter(message=message).first()
        return self.show(message, scores=range(BEST + 1), answer=answer, done=False)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        message = self._invitation(token)
        told = request.POST.get("score", "")
        score = int(told) if told.isascii() and told.isdigit() and len(told) <= 2 else -1
        try:
            answer = answer_survey(message=message, score=score, comment=request.POST.get("comment", ""))
        except ValidationError:
            response = self.show(message, scores=range(BEST + 1), answer=None, done=False, is_missing=True)
            response.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
            return response
        return self.show(message, scores=range(BEST + 1), answer=answer, done=True)

    def _invitation(self, token: str) -> Message:
        message = self.find(message_of_survey(token))
        if message.trigger != Trigger.NPS:
            raise Http404
        return message
