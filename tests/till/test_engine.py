"""The browser's input engine and queue, in node's own test runner: pure modules on a clock of their own."""

import re
import subprocess
from pathlib import Path

import playwright
import pytest

HERE = Path(__file__).parent / "js"
FILES = sorted(HERE.glob("*.test.mjs"))
#: playwright brings a node of its own, so that no machine needs another.
NODE = Path(playwright.__file__).parent / "driver" / "node"
pytestmark = pytest.mark.one_database


def test_the_input_engine_and_the_queue() -> None:
    result = subprocess.run(
        [NODE, "--test", "--test-reporter=tap", *map(str, FILES)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    declared = sum(len(re.findall(r"^test\(", file.read_text("utf-8"), re.M)) for file in FILES)
    assert declared > 40
    assert f"# pass {declared}\n" in result.stdout
