"""A wrong or missing setting ends the start with one line naming it, and `.env.example` tells the truth."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project.processes import bare_environment

ROOT = Path(__file__).resolve().parents[2]
RIGHT = {
    line.split("=", 1)[0]: line.split("=", 1)[1]
    for line in (ROOT / ".ci" / "check.env").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
}
POSTGRES = "postgres://tests@127.0.0.1:1/none"


def load_settings(tmp_path: Path, **changes: str | None) -> subprocess.CompletedProcess[str]:
    """Load the settings in a new process with a production-like environment and these changes to it."""
    env = {**bare_environment(), "DATA_DIR": str(tmp_path / "data"), **RIGHT}
    for name, value in changes.items():
        env.pop(name, None)
        if value is not None:
            env[name] = value
    return subprocess.run(
        [sys.executable, "-c", "import smartbis_admin.settings"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_right_settings_load_in_silence(tmp_path: Path) -> None:
    result = load_settings(tmp_path)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("name", "value", "others"),
    [
        ("SECRET_KEY", None, {}),
        ("SECRET_KEY", "", {}),
        ("SECRET_KEY", "short-and-guessable", {}),
        ("FIELD_KEYS", None, {}),
        ("FIELD_KEYS", "", {}),
        ("FIELD_KEYS", "not-a-key", {}),
        ("ALLOWED_HOSTS", "", {}),
        ("DATA_DIR", "/proc/nowhere", {}),
        ("DATABASE_URL", "mysql://user:hunter2@host/name", {}),
        ("DATABASE_URL", "nonsense", {}),
        ("DATABASE_URL", "postgres://user:hunter2@host:port/name", {}),
        ("DB_POOL", "many", {"DATABASE_URL": POSTGRES}),
        ("DB_POOL", "-1", {"DATABASE_URL": POSTGRES}),
        ("CELERY_BROKER_URL", "carrier-pigeon://", {}),
        ("EMAIL_URL", "pigeon://", {}),
        ("TIME_ZONE", "Mars/Olympus", {}),
        ("CSRF_TRUSTED_ORIGINS", "loja.example.com", {}),
        ("PUBLIC_URL", "loja.example.com", {}),
        ("SANDBOX_URL", "http://sandbox.example.com", {}),
        ("API_CONNECT_TIMEOUT", "soon", {}),
        ("API_READ_TIMEOUT", "-1", {}),
        ("API_TILL_TIMEOUT", "0", {}),
        ("SMARTBIS_PACE", "0", {}),
        ("SMILE_PACE", "0", {}),
        ("SMARTPASSES_PACE", "-1", {}),
        ("SMARTPOS_PACE", "0", {}),
        ("WHATSAPP_PACE", "fast", {}),
        ("SYNC_STALE_AFTER", "0", {}),
        ("SYNC_BRAKE_ROWS", "0", {}),
        ("SYNC_BRAKE_PERCENT", "none", {}),
        ("LOW_STOCK", "-1", {}),
        ("IMPORT_DAYS", "0", {}),
        ("BRIDGE_IDENTIFY_DAYS", "0", {}),
        ("BRIDGE_OLDEST_DAYS", "nunca", {}),
        ("CONTINGENCY_MIRROR_HOURS", "0", {}),
        ("CONTINGENCY_CODES", "0", {}),
        ("LOG_LEVEL", "LOUD", {}),
        ("LOG_JSON", "perhaps", {}),
        ("DEMO", "perhaps", {}),
        ("DEBUG", "2", {}),
        ("HTTPS", "ja", {}),
        ("BEHIND_PROXY", "maybe", {}),
    ],
)
def test_wrong_setting_stops_with_one_line(
    tmp_path: Path, name: str, value: str | None, others: dict[str, str]
) -> None:
    result = load_settings(tmp_path, **others, **{name: value})
    assert result.returncode == 1
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith(f"smartbis_admin: {name}: ")
    assert lines[0].endswith("(see .env.example)")
    assert "hunter2" not in result.stderr


def test_every_setting_that_can_be_wrong_is_tried_here() -> None:
    tried = {case[0] for case in test_wrong_setting_stops_with_one_line.pytestmark[0].args[1]}
    # Any text is a sender's address as far as the program can tell before it sends.
    assert tried | {"DEFAULT_FROM_EMAIL"} == variables_read()


def test_demo_makes_its_secrets_once_and_stays_on_loopback(tmp_path: Path) -> None:
    no_secrets = dict.fromkeys(RIGHT) | {"DEMO": "on"}
    first = load_settings(tmp_path, **no_secrets)
    assert (first.returncode, first.stderr) == (0, "")
    keys = {name: (tmp_path / "data" / name).read_text("ascii") for name in ("secret.key", "field.key")}
    assert {name: (tmp_path / "data" / name).stat().st_mode & 0o777 for name in keys} == {
        "secret.key": 0o600,
        "field.key": 0o600,
    }
    assert load_settings(tmp_path, **no_secrets).returncode == 0
    assert {name: (tmp_path / "data" / name).read_text("ascii") for name in keys} == keys


def variables_read() -> set[str]:
    """Names of the environment variables that `settings.py` reads."""
    source = (ROOT / "smartbis_admin" / "settings.py").read_text("utf-8")
    return set(re.findall(r'\b(?:read|switch|positive|env\.\w+)\(\s*"([A-Z_]+)"', source))


def test_env_example_lists_exactly_what_is_read() -> None:
    text = (ROOT / ".env.example").read_text("utf-8")
    listed = re.findall(r"^#? ?([A-Z_]+)=", text, re.M)
    assert sorted(listed) == sorted(variables_read())


def test_nothing_else_reads_the_environment() -> None:
    """`settings.py` reads it for the program; the launcher hands it on; entry points name the settings."""
    readers = {
        str(path.relative_to(ROOT))
        for folder in ("smartbis_admin", "customers", "rewards", "vouchers")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"os\.environ|getenv|environ\.Env", path.read_text("utf-8"))
    }
    assert readers == {
        "smartbis_admin/settings.py",
        "smartbis_admin/celery.py",
        "smartbis_admin/wsgi.py",
        "smartbis_admin/launcher/__main__.py",
        "smartbis_admin/launcher/supervisor.py",
    }


def test_deployment_check_is_clean(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={**bare_environment(), "DATA_DIR": str(tmp_path), **RIGHT},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (result.returncode, result.stdout) == (
        0,
        "System check identified no issues (0 silenced).\n",
    ), result.stderr
