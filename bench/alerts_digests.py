"""How long digests take: goal, 100,000 due debts of 500 teams in under 30 s.

    python -m bench.alerts_digests [--items 100000] [--teams 500] [--rounds 3] [--database URL]

Makes a database of its own (SQLite in a temporary folder, or a new database on the server of
--database). In each round one worker makes the digests three times: of a first look, which sums
up; of the next working day, on which every debt has something new to say; and of the same day
again, on which nothing has. Then a rule's preview over 90 days is timed. Exit status 1 where the
median of a run is above the goal.

Beside the time that passed stands the processor time of the worker and of its database process
(where PostgreSQL runs on this machine): they take turns, so their sum is what an idle machine needs
at the most.
"""

import argparse
import base64
import importlib
import os
import secrets
import tempfile

import django


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--teams", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--database", default="")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="displace-bench-") as folder:
        os.environ["DJANGO_SETTINGS_MODULE"] = "displace.settings"
        os.environ["DISPLACE_DATA_DIR"] = folder
        os.environ["DISPLACE_SECRET_KEY"] = secrets.token_urlsafe(48)
        os.environ["DISPLACE_ENCRYPTION_KEYS"] = base64.urlsafe_b64encode(bytes(32)).decode()
        if options.database:
            os.environ["DISPLACE_DATABASE_URL"] = options.database
        django.setup()
        # It needs models, which exist only now.
        measures = importlib.import_module("bench.alerts_digests_measures")
        status: int = measures.measure(options)
        return status


if __name__ == "__main__":
    raise SystemExit(main())
