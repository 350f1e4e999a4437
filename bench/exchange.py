"""Importing 10,000 findings, and exporting and checking a ledger of many items.

    python -m bench.exchange [--items 100000] [--database URL]

Makes a database of its own (SQLite in a temporary folder, or a new database on the server of
--database) and prints seconds, and the most memory that Python held while it exported.
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
        importlib.import_module("bench.exchange_measures").measure(options)


if __name__ == "__main__":
    main()
