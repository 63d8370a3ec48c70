"""Fixtures: Smile's keys on an empty sandbox whose clock stands still."""

import pytest

from sandbox.testing import SandboxServer
from tests.sandbox.smile.support import KEYS, Smile, furnish, ready


@pytest.fixture
def smile(sandbox: SandboxServer) -> Smile:
    """Today's edition."""
    return ready(sandbox, "current")


@pytest.fixture
def old_smile(sandbox: SandboxServer) -> Smile:
    """The edition of 2017."""
    return ready(sandbox, "2017")


@pytest.fixture(params=KEYS)
def each_smile(request: pytest.FixtureRequest, sandbox: SandboxServer) -> Smile:
    """The same test once for each edition."""
    return ready(sandbox, request.param)


@pytest.fixture
def furnished(each_smile: Smile) -> Smile:
    """Tiers, products, a rule and Ana with 700 points, in each edition."""
    return furnish(each_smile)


@pytest.fixture
def today(smile: Smile) -> Smile:
    """The same, in today's edition."""
    return furnish(smile)
