"""schemathesis over the served profile `laravel`: whatever is sent, what comes back is in the document."""

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from sandbox.testing import SandboxServer
from tests.sandbox.support import CPF, DOCUMENT, Api
