"""The Celery app with a lease of seconds and a sweep every second: a lost worker is missed soon."""

from datetime import timedelta
from importlib import import_module
from typing import Any

from celery.signals import worker_ready

from displace.celery import app

__all__ = ["app"]

LEASE = timedelta(seconds=10)
SWEEP_EVERY = 1.0

app.conf.beat_schedule["orchestration.sweep"]["schedule"] = SWEEP_EVERY


@worker_ready.connect
def _shorten(**_kwargs: Any) -> None:
    # Models can be imported only once Django is set up.
    holding = import_module("orchestration.services.holding")
    recording = import_module("orchestration.services.recording")
    recording.LEASE = holding.LEASE = LEASE
    holding.EXTEND_EVERY = LEASE.total_seconds() / 4
