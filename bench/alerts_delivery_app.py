"""The Celery app of `bench.alerts_delivery`: with a kind of channel for a local service."""

import os

from displace.celery import app

app.loader.import_default_modules()

from alerts.channels import registry  # noqa: E402 - after the set-up
from alerts.channels.kind import Rate  # noqa: E402 - after the set-up
from tests.builders.alert_channels import Loop  # noqa: E402 - after the set-up

Loop.rate = Rate(float(os.environ["BENCH_RATE"]), int(os.environ["BENCH_BURST"]))
registry.KINDS["loop"] = Loop()  # type: ignore[index]  # it is a dict
