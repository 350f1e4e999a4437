"""The import contracts hold, and they catch what they are for."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.architecture.sources import APPS, ROOT

# One file per contract that breaks it, and the beginning of the contract's name.
PLANTED = {
    "common/planted_layer.py": ("import ledger.apps", "Between apps"),
    "ledger/domain/planted_upwards.py": ("import ledger.apps\nimport ledger.services", "Inside"),
    "ledger/planted_drawer.py": ("", "Inside"),
    "analysis/domain/planted_git.py": ("import subprocess", "Domain code"),
    "analysis/services/planted_git.py": ("import git", "Git is reached"),
    "review/planted_http.py": ("import httpx", "HTTP clients"),
    "review/planted_model.py": ("from ledger import models", "The models of ledger"),
    "alerts/channels/discord.py": ("import alerts.channels.slack", "Chat services"),
    "ledger/planted_function.py": (
        "def hidden():\n    from accounts.models import User",
        "The models of accounts",
    ),
}


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", program, "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_contracts_are_kept() -> None:
    result = lint_imports(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_contracts_catch_planted_violations(tmp_path: Path) -> None:
    for app in APPS:
        shutil.copytree(ROOT / app, tmp_path / app)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for path, (text, _) in PLANTED.items():
        (tmp_path / path).write_text(text + "\n", encoding="utf-8")
    result = lint_imports(tmp_path)
    assert result.returncode == 1
    broken = [line for line in result.stdout.splitlines() if line.rstrip().endswith("BROKEN")]
    missed = [
        path
        for path, (_, contract) in PLANTED.items()
        if not any(line.startswith(contract) for line in broken)
    ]
    assert not missed, result.stdout
