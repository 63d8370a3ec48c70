"""Logs without what people type, a query may hold a CPF, a name or a voucher code; and without keys in paths."""

import logging
import re

import structlog
from django.conf import settings
from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware

#: A long word in a path is a key: of a vendor's door, of a link below a message. A UUID is only a number.
_KEY = re.compile(
    r"(?<=/)(?![0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?:/|$))[\w.:~-]{32,}(?=/|$)"
)


def without_keys(path: str) -> str:
    """A path with its keys left out."""
    return _KEY.sub("…", path)


class PathOnlyRequestMiddleware(RequestMiddleware):
    """Logs the method and the path of a request, never its query nor a key in its path; and whence it came."""

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        """Whom the web server in front saw. Addresses further left in its header anybody may have made up."""
        seen = request.headers.get("X-Forwarded-For", "") if settings.SECURE_PROXY_SSL_HEADER else ""
        address = seen.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")
        structlog.contextvars.bind_contextvars(ip=address)

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {without_keys(request.path)}"


class WithoutKeys(logging.Filter):
    """For Django's own lines, `Not Found: /path/`."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(without_keys(arg) if isinstance(arg, str) else arg for arg in record.args)
        return True
