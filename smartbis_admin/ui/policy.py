"""The header that says what a page may load, put together once.

django-csp makes it anew for every answer, also where no view changes it, and that is most of them.
"""

from functools import cache
from http import HTTPStatus

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class KeptPolicyMiddleware(CSPMiddleware):
    """Django-csp's own, which is left to answer wherever a view said anything of its own about the policy."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_plain = response.status_code < HTTPStatus.BAD_REQUEST and HEADER not in response
        if not is_plain or any(name.startswith("_csp") for name in vars(response)):
            return super().process_response(request, response)
        response[HEADER] = _policy()
        return response


@cache
def _policy() -> str:
    return build_policy()
