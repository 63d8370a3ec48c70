"""The arrows between the layers are checked, and the check can fail: a forbidden import for each contract."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("smartbis_admin", "customers", "rewards", "vouchers", "sandbox")
CONTRACTS = [
    contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
]
#: Contract, file to add, what it imports.
VIOLATIONS = [
    ("Domains above the kit above the wire", "customers/upwards.py", "rewards.models"),
    ("Domains above the kit above the wire", "rewards/upwards.py", "vouchers.models"),
    ("Domains above the kit above the wire", "smartbis_admin/writes/upwards.py", "customers.models"),
    (
        "Domains above the kit above the wire",
        "smartbis_admin/sync/sideways.py",
        "smartbis_admin.writes.models",
    ),
    ("Domains above the kit above the wire", "smartbis_admin/ui/upwards.py", "smartbis_admin.staff.models"),
    ("Inside an app: screens above logic above data", "customers/services.py", "customers.views"),
    ("Inside an app: screens above logic above data", "vouchers/redemption.py", "vouchers.views"),
    ("Inside an app: screens above logic above data", "rewards/models.py", "rewards.services"),
    (
        "The wire knows neither Django nor the rest of the program",
        "smartbis_admin/api/upwards.py",
        "django.conf",
    ),
    (
        "The wire knows neither Django nor the rest of the program",
        "smartbis_admin/api/upwards.py",
        "smartbis_admin.connections.models",
    ),
    (
        "The table of permissions stands alone",
        "smartbis_admin/staff/access.py",
        "smartbis_admin.staff.models",
    ),
    ("Nothing imports the wiring", "customers/upwards.py", "smartbis_admin.settings"),
    ("The wiring names apps by string only", "smartbis_admin/celery.py", "smartbis_admin.sync.models"),
    ("The sandbox is another program", "sandbox/upwards.py", "smartbis_admin.api.brazil"),
    ("Production needs neither the sandbox nor the tests", "vouchers/sideways.py", "sandbox.testing"),
    ("Production needs neither the sandbox nor the tests", "vouchers/sideways.py", "tests.conftest"),
]


def lint_imports(tree: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=tree,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_every_arrow_points_down() -> None:
    result = lint_imports(ROOT)
    assert result.returncode == 0, result.stdout
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in result.stdout


@pytest.mark.parametrize(("contract", "file", "imported"), VIOLATIONS)
def test_contract_notices_a_forbidden_import(tmp_path: Path, contract: str, file: str, imported: str) -> None:
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package,
            tmp_path / package,
            ignore=lambda folder, names: [n for n in names if "." in n and not n.endswith(".py")],
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / file).open("a", encoding="utf-8") as module:
        module.write(f"\nimport {imported}\n")
    result = lint_imports(tmp_path)
    assert result.returncode == 1, result.stdout
    assert f"{contract} BROKEN" in result.stdout


def test_every_contract_is_tried() -> None:
    assert {contract for contract, _file, _imported in VIOLATIONS} == set(CONTRACTS)
