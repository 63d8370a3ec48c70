"""schemathesis over Smart Passes: whatever is sent, what comes back is in the document."""

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from jsonschema_rs import Draft202012Validator
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from sandbox.testing import PROGRAM, SandboxServer
from tests.sandbox.smartpasses.support import DOCUMENT, Passes

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
document = schemathesis.openapi.from_dict(DOCUMENT)


@pytest.fixture(scope="module")
def furnished(sandbox_server: SandboxServer) -> Passes:
    """A customer and an offer, so that calls can also succeed."""
    sandbox_server.reset("empty")
    passes = Passes(sandbox_server)
    passes.act("add_customer", first_name="Ana", phone="+5511988880001")
    passes.act("add_offer", name="Café")
    return passes


def acceptable(case: schemathesis.Case) -> bool:
    """Whether the document has the method of a request, and allows its body."""
    call = DOCUMENT["paths"][case.path].get(case.method.lower())
    if call is None or "requestBody" not in call:
        return call is not None
    content = call["requestBody"]["content"]["application/json"]
    schema = {**content["schema"], "components": DOCUMENT["components"]}
    return isinstance(case.body, dict) and Draft202012Validator(schema).is_valid(case.body)


@pytest.mark.parametrize("known", [True, False])
@document.parametrize()
@settings(max_examples=10, suppress_health_check=list(HealthCheck), deadline=None)
def test_replies_are_in_the_document(case: schemathesis.Case, furnished: Passes, known: bool) -> None:
    if known:
        ids = {"programId": PROGRAM, "customerId": "1870", "offerId": "301"}
        case.path_parameters = {name: ids[name] for name in case.path_parameters}
    base = furnished.sandbox.smartpasses_base.rstrip("/")
    reply = case.call(base_url=base, headers=furnished.headers)
    case.validate_response(reply, checks=CHECKS)
    if not acceptable(case):
        assert reply.status_code >= 400
