"""The register and the dashboard at 100,000 debts, and registering a tree of 1,000 annotations.

    python -m bench.ledger [--items 100000] [--annotations 1000] [--rounds 15] [--database URL]

Makes a database of its own (SQLite in a temporary folder, or a new database on the server of
--database) and prints the median and the 95th percentile of each call in milliseconds. Run it
twice, once with --database postgresql://..., to see both kinds. On a machine that does other work
too, the best of the rounds says most.
"""

import argparse
import base64
import importlib
import os
import secrets
import tempfile

import django


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--annotations", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=15)
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
        importlib.import_module("bench.ledger_measures").measure(options)


if __name__ == "__main__":
    main()
