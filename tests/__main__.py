"""`python -m tests [pytest arguments]`: every lane that can run here, and a plain summary.

1. All tests, on SQLite.
2. The tests that use a database once more, on PostgreSQL; without those that are about another
   server than the database (marked `once`).
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from tests import lanes

NOTHING_COLLECTED = 5


@dataclass
class Outcome:
    """What one pass of the suite did."""

    name: str
    status: int
    counts: dict[str, int] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return self.status in (0, NOTHING_COLLECTED)


def run_pass(name: str, arguments: list[str], environment: dict[str, str]) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        print(f"\n=== Tests on {name}", flush=True)
        status = subprocess.call(
            [sys.executable, "-m", "pytest", *arguments],
            env={**os.environ, **environment, "DISPLACE_TEST_REPORT": str(report)},
        )
        found = json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}
    return Outcome(name, status, **found)


def summary(outcomes: list[Outcome], left_out: list[str]) -> str:
    lines = ["", "=" * 72]
    for outcome in outcomes:
        counts = ", ".join(f"{count} {kind}" for kind, count in outcome.counts.items() if count)
        verdict = "passed" if outcome.is_good else "FAILED"
        lines.append(f"{outcome.name}: {verdict} ({counts or f'status {outcome.status}'})")
    if left_out:
        lines.append("NOT RUN HERE:")
        lines.extend(f"  - {reason}" for reason in left_out)
    good = all(outcome.is_good for outcome in outcomes)
    verdict = "ALL TESTS THAT CAN RUN HERE PASSED" if left_out else "ALL TESTS PASSED"
    lines.append(verdict if good else "SOME TESTS FAILED")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    # Many tests wait for servers and browsers, so two fit on one processor. Whoever has none left
    # takes from the other: the slow ones come together, at the end.
    workers = str(max(2, os.cpu_count() or 1))
    arguments = ["-n", workers, "--dist", "worksteal", *arguments]
    sqlite = {"DISPLACE_TEST_DATABASE_URL": ""}
    outcomes = [run_pass("SQLite", ["-m", "not postgres", *arguments], sqlite)]
    left_out = []
    missing = lanes.missing_postgres()
    if not missing:
        postgres = {"DISPLACE_TEST_DATABASE_URL": lanes.database_url()}
        selected = ["--database-tests-only", "-m", "not browser and not once", *arguments]
        outcomes.append(run_pass("PostgreSQL", selected, postgres))
    elif lanes.is_required("postgres"):
        outcomes.append(Outcome(f"PostgreSQL, which is required, but {missing}", 1))
    else:
        left_out.append(f"postgres: {missing}")
    # What the second pass skips for its database has run in the first.
    left_out += sorted({reason.removeprefix("Skipped: ") for reason in outcomes[0].skipped})
    print(summary(outcomes, left_out), flush=True)
    return 0 if all(outcome.is_good for outcome in outcomes) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
