"""Workers that send are killed with SIGKILL, before, during and after a send: is anything lost?

    python -m bench.alerts_kills [--kills 200] [--service loopback|matrix] [--database URL]

Makes a database of its own (SQLite in a temporary folder, or a new one on the server of
--database). Each worker is a process of its own, forked for it, and is killed at one of five
points: the attempt is written and nothing was sent; the service has not got the request yet; it
has answered and the answer has not arrived; the answer has arrived and is not written down; at any
time. A message may arrive twice where the service takes no idempotency key; none may be missing.
On Matrix (a real homeserver, matrix-synapse) none may arrive twice either. Prints JSON; exit
status 1 when either is not so.
"""

import argparse
import base64
import importlib
import os
import secrets
import tempfile

import django


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--service", choices=("loopback", "matrix"), default="loopback")
    parser.add_argument("--database", default="")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="displace-bench-") as folder:
        os.environ["DJANGO_SETTINGS_MODULE"] = "displace.settings"
        os.environ["DISPLACE_DATA_DIR"] = folder
        os.environ["DISPLACE_SECRET_KEY"] = secrets.token_urlsafe(48)
        os.environ["DISPLACE_ENCRYPTION_KEYS"] = base64.urlsafe_b64encode(bytes(32)).decode()
        # A worker that was killed is nothing to warn of here.
        os.environ["DISPLACE_LOG_LEVEL"] = "ERROR"
        if options.database:
            os.environ["DISPLACE_DATABASE_URL"] = options.database
        django.setup()
        # It needs models, which exist only now.
        status: int = importlib.import_module("bench.alerts_kills_measures").measure(options)
        return status


if __name__ == "__main__":
    raise SystemExit(main())
