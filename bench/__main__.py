"""Every benchmark, one after another, on one repository.

    python -m bench [REPOSITORY]        (make bench REPO=...)

Each is a program of its own, `python -m bench.<name> --help`. Numbers that say something need a
repository of some thousand files and some ten thousand commits; without one this checkout is used.
"""

import argparse
import subprocess
import sys
from pathlib import Path

ON_A_REPOSITORY = ("snapshot_metrics", "module_graph", "history", "pipeline", "pricing")
ALONE = (
    "alerts_delivery",
    "alerts_digests",
    "alerts_kills",
    "exchange",
    "hooks",
    "ledger",
    "orchestration",
    "orchestration_faults",
    "webhooks",
)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repository", nargs="?", type=Path, default=Path.cwd())
    repository = str(parser.parse_args().repository)
    runs = [[name, repository] for name in ON_A_REPOSITORY] + [[name] for name in ALONE]
    failed = []
    for name, *arguments in runs:
        print(f"\n=== {name}", flush=True)
        if subprocess.call([sys.executable, "-m", f"bench.{name}", *arguments]):
            failed.append(name)
    if failed:
        print(f"\nFAILED: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
