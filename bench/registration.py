"""Registering a real repository of 5,000 files with 1,000 annotations and as many TODOs.

    python -m bench.registration [--files 5000] [--marks 1000] [--commits 300] [--database URL]

Makes a repository and a database of its own and prints what it takes (in milliseconds) to register
the tree for the first time, again, and after a push of ten files, from Git to the last row; and the
same for the search for candidates, which a worker does afterwards.
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
    parser.add_argument("--files", type=int, default=5_000)
    parser.add_argument("--marks", type=int, default=1_000)
    parser.add_argument("--commits", type=int, default=300)
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
        importlib.import_module("bench.registration_measures").measure(options, folder)


if __name__ == "__main__":
    main()
