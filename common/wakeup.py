"""Waking a worker. The database row is the truth; the message only says "look now"."""

import logging

from celery import Task
from django.db import transaction
from kombu.exceptions import OperationalError

from common.json import JsonValue

log = logging.getLogger(__name__)


def wake(task: "Task[..., object]", **arguments: JsonValue) -> None:
    """Queue `task` once the current transaction has committed (now, outside of one).

    Never raises because of the broker: when it is down the periodic sweep finds the work.
    """
    transaction.on_commit(lambda: _publish(task, arguments))


def _publish(task: "Task[..., object]", arguments: dict[str, JsonValue]) -> None:
    try:
        task.apply_async(kwargs=arguments, retry=False)
    except (OperationalError, OSError) as error:
        log.warning("broker unreachable, %s waits for the sweep: %s", task.name, error)
