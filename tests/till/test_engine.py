"""The browser's input engine and queue, in node's own test runner: pure modules on a clock of their own."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "js"
FILES = sorted(HERE.glob("*.test.mjs"))
pytestmark = pytest.mark.one_database


def test_the_input_engine_and_the_queue() -> None:
    node = shutil.which("node")
    assert node, "The till's modules are tested in node: apt-get install nodejs"
    result = subprocess.run(
        [node, "--test", "--test-reporter=tap", *map(str, FILES)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    declared = sum(len(re.findall(r"^test\(", file.read_text("utf-8"), re.M)) for file in FILES)
    assert declared > 40
    assert f"# pass {declared}\n" in result.stdout
