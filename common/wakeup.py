"""Waking a worker. The database row is the truth; the message only says "look now"."""

import logging
from typing import Any

from celery import Task
from django.db import transaction

from common.json import JsonValue

log = logging.getLogger(__name__)

# One more attempt at once, since a pooled connection may have gone stale.
RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}


def wake(task: "Task[..., Any]", **arguments: JsonValue) -> None:
    """Queue `task` once the current transaction has committed (now, outside of one).

    Never raises because of the broker: when it is down the periodic sweep finds the work.
    """
    transaction.on_commit(lambda: _publish(task, arguments))


def wake_later(task: "Task[..., Any]", seconds: float, **arguments: JsonValue) -> None:
    """The same, but a worker begins with it only after so many seconds."""
    transaction.on_commit(lambda: _publish(task, arguments, countdown=seconds))


def _publish(
    task: "Task[..., Any]", arguments: dict[str, JsonValue], countdown: float | None = None
) -> None:
    try:
        task.apply_async(
            kwargs=arguments, countdown=countdown, retry=True, retry_policy=RETRY_POLICY
        )
    except Exception as error:  # noqa: BLE001 - each broker's library raises errors of its own
        log.warning("broker unreachable, %s waits for the sweep: %s", task.name, error)
