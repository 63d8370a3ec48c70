"""Request logs without what people type: a query may hold a CPF, a name or a voucher code."""

from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware


class PathOnlyRequestMiddleware(RequestMiddleware):
    """Logs the method and the path of a request, never its query."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {request.path}"
