"""What one small read of a list showed, for "testar conexão"; the same for every vendor."""

from typing import Any

from smartbis_admin.api.exchange import Reply
from smartbis_admin.api.records import Page, Probe
from smartbis_admin.api.shapes import Shape

#: Rows asked for.
PROBE_ROWS = 5


def probe_of(reply: Reply, page: Page[Any], shape: Shape[Any]) -> Probe:
    """The findings in a page that was read for them."""
    described = frozenset(shape.fields) if page.row_count else frozenset()
    return Probe(
        status=reply.status,
        latency_ms=reply.latency_ms,
        row_count=page.row_count,
        recognised=described - page.missing_fields,
        missing=page.missing_fields,
        unknown=page.unknown_fields,
        issues=page.issues,
        reference=reply.reference,
    )
