"""The kit's tests run on the demo screens of `demo.py`."""

from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings


@pytest.fixture(autouse=True)
def _demo_screens(settings: Settings) -> None:
    settings.ROOT_URLCONF = "tests.ui.demo"
    templates: list[dict[str, Any]] = [dict(settings.TEMPLATES[0])]
    templates[0]["DIRS"] = [*templates[0]["DIRS"], Path(__file__).parent / "templates"]
    settings.TEMPLATES = templates
