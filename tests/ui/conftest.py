"""The kit's tests run on the demo screens of `demo.py`."""

import pytest
from pytest_django import Settings

from tests.ui.demo import use_demo_screens


@pytest.fixture(autouse=True)
def _demo_screens(settings: Settings) -> None:
    use_demo_screens(settings)
