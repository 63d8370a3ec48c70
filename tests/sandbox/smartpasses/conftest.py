"""Fixture: the programme of an empty sandbox."""

import pytest

from sandbox.testing import SandboxServer
from tests.sandbox.smartpasses.support import Passes


@pytest.fixture
def passes(sandbox: SandboxServer) -> Passes:
    return Passes(sandbox)
