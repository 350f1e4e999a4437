"""10,000 messages to a local service: each channel's limit is kept, and none is lost.

    python -m bench.alerts_delivery [--messages 10000] [--channels 200] [--workers 4]
                                    [--rate 2] [--burst 5] [--database URL] [--restarts 3]
                                    [--broker stopped] [--broker-url amqp://...]

Makes a database of its own (SQLite in a temporary folder, or a new one on the server of
--database), and starts what an installation has: a broker (Redis; or one that runs already, say
RabbitMQ, by --broker-url), a Celery worker with so many processes, and beat. With
`--broker stopped` the broker is away while all messages are written, and for ten seconds more; it
is started afterwards. With `--restarts` a PostgreSQL server is made for the run and so often ended
while messages go out, as by a crash.

Prints JSON: the seconds from the first message to the last, lost and doubled messages, and by how
many messages any channel was ever above its limit, by the moments at which they arrived at the
service and at which they were begun; exit status 1 where a message is missing or a limit was
passed.
"""

import argparse
import base64
import importlib
import os
import secrets
import socket
import tempfile
from contextlib import ExitStack
from pathlib import Path

import django

from tests.fakes.postgres import cluster


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--channels", type=int, default=200)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--rate", type=float, default=2.0)
    parser.add_argument("--burst", type=int, default=5)
    parser.add_argument("--database", default="")
    parser.add_argument("--broker", choices=("running", "stopped"), default="running")
    parser.add_argument("--broker-url", default="")
    parser.add_argument("--restarts", type=int, default=0)
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="displace-bench-"))
        options.cluster = None
        if options.restarts:
            home = stack.enter_context(tempfile.TemporaryDirectory(prefix="displace-postgres-"))
            options.cluster = stack.enter_context(cluster(Path(home)))
            options.database = options.cluster.url
        with socket.create_server(("127.0.0.1", 0)) as free:
            options.port = free.getsockname()[1]
        os.environ["DJANGO_SETTINGS_MODULE"] = "displace.settings"
        os.environ["DISPLACE_DATA_DIR"] = folder
        os.environ["DISPLACE_SECRET_KEY"] = secrets.token_urlsafe(48)
        os.environ["DISPLACE_ENCRYPTION_KEYS"] = base64.urlsafe_b64encode(bytes(32)).decode()
        os.environ["DISPLACE_INTERNAL_HOSTS"] = "127.0.0.1"
        own = f"redis://127.0.0.1:{options.port}/0"
        os.environ["DISPLACE_BROKER_URL"] = options.broker_url or own
        # Each wake-up that fails is a warning.
        os.environ["DISPLACE_LOG_LEVEL"] = "ERROR"
        if options.database:
            os.environ["DISPLACE_DATABASE_URL"] = options.database
        django.setup()
        # It needs models, which exist only now.
        status: int = importlib.import_module("bench.alerts_delivery_measures").measure(options)
        return status


if __name__ == "__main__":
    raise SystemExit(main())
