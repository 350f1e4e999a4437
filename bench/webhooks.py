"""How long the server takes to accept an event: goal, under 20 ms.

    python -m bench.webhooks [--events 500] [--database URL]

Makes a database of its own (SQLite in a temporary folder, or a new database on the server of
--database) with 100,000 deliveries in it, posts signed events through the whole site, without a
network between, and prints the median and the 95th percentile in milliseconds. The message that
wakes a worker is really published (to a folder; `--broker URL` for RabbitMQ or Redis).
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
    parser.add_argument("--events", type=int, default=500)
    parser.add_argument("--deliveries", type=int, default=100_000)
    parser.add_argument("--database", default="")
    parser.add_argument("--broker", default="")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="displace-bench-") as folder:
        os.environ["DJANGO_SETTINGS_MODULE"] = "displace.settings"
        os.environ["DISPLACE_DATA_DIR"] = folder
        os.environ["DISPLACE_SECRET_KEY"] = secrets.token_urlsafe(48)
        os.environ["DISPLACE_ENCRYPTION_KEYS"] = base64.urlsafe_b64encode(bytes(32)).decode()
        if options.database:
            os.environ["DISPLACE_DATABASE_URL"] = options.database
        if options.broker:
            os.environ["DISPLACE_BROKER_URL"] = options.broker
        django.setup()
        # It needs models, which exist only now.
        measures = importlib.import_module("bench.webhooks_measures")
        status: int = measures.measure(options)
        return status


if __name__ == "__main__":
    raise SystemExit(main())
