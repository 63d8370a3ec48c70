"""schemathesis over the served profile `laravel`: whatever is sent, what comes back is in the document."""

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from sandbox.testing import SandboxServer
from tests.sandbox.support import CPF, DOCUMENT, Api

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
document = schemathesis.openapi.from_dict(DOCUMENT)


@pytest.fixture(scope="module")
def furnished(sandbox_server: SandboxServer) -> Api:
    """A customer, a coupon and a voucher, so that calls can also succeed."""
    sandbox_server.reset("empty")
    api = Api(sandbox_server)
    api.act("create_customer", {"name": "Ana", "cpf": CPF})
    api.act("create_coupon", {"name": "Café grátis", "stock": 3})
    api.act("issue_voucher", {"code": "VALE"})
    api.token = sandbox_server.token()
    return api


@document.parametrize()
@settings(max_examples=15, suppress_health_check=list(HealthCheck), deadline=None)
def test_replies_are_in_the_document(case: schemathesis.Case, furnished: Api) -> None:
    headers = {"Authorization": f"Bearer {furnished.token}"}
    reply = case.call(base_url=furnished.sandbox.base.rstrip("/"), headers=headers)
    # A list clamps or ignores what it cannot use; everything else must refuse what the document forbids.
    checks = CHECKS if case.method == "GET" else [*CHECKS, negative_data_rejection]
    case.validate_response(reply, checks=checks)
