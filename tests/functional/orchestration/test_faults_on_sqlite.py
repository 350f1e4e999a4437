"""The faults of tests/integration/orchestration/test_faults.py, on SQLite in a file.

The suite's own SQLite is in memory, where no worker beside it could see it.
"""

import os
import subprocess
import sys

import pytest

from tests.architecture.sources import ROOT

FAULTS = "tests/integration/orchestration/test_faults.py"
CHOSEN = "applying or verifying or canceling or several or at_once or no_process"


@pytest.mark.slow
def test_workers_are_killed_on_sqlite_too() -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DISPLACE_")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", FAULTS, "-k", CHOSEN],
        cwd=ROOT,
        env={**kept, "DISPLACE_TEST_SQLITE_FILE": "yes"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:]
    assert "7 passed" in done.stdout, done.stdout[-2000:]
