"""Pricing 1,000 debts in one repository, beside the analysis that it follows.

    python -m bench.pricing REPOSITORY [--items 1000] [--rounds 3] [--database URL]

Analyses the repository into a database of its own (SQLite in a temporary folder, or the empty
database named by --database), records a debt in as many of its files, and prices them: a first
time, again with nothing new, and after the assumptions changed, when every price is written anew.
Pricing runs in its own task after an analysis; the last line tells what part of one it is.
"""

import argparse
import base64
import importlib
import os
import secrets
import tempfile
from pathlib import Path

import django


def main() -> None:
    """Set up, then measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repository", type=Path)
    parser.add_argument("--items", type=int, default=1_000)
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
        importlib.import_module("bench.pricing_measures").measure(options)


if __name__ == "__main__":
    main()
