"""A wake-up goes out after the commit, and a broker that is down never hurts."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from celery import Celery
from django.db import transaction
from kombu import Queue

from common.wakeup import wake, wake_later

# Nothing listens on the discard port.
DEAD_BROKERS = ["amqp://guest@127.0.0.1:9//", "redis://127.0.0.1:9/0"]


def nothing(**kwargs: object) -> None:
    """The body of a task that is never run."""


@contextmanager
def sender(url: str) -> Iterator[tuple[Celery, str]]:
    """A Celery app at `url` with a queue of its own."""
    queue = f"displace-test-{uuid4().hex}"
    app = Celery("wake-test", broker=url, set_as_current=False)
    app.conf.update(
        task_queues=[Queue(queue)],
        task_default_queue=queue,
        broker_connection_timeout=2,
        task_ignore_result=True,
    )
    try:
        yield app, queue
    finally:
        app.close()


@contextmanager
def receiver(app: Celery, name: str) -> Iterator[Callable[[float], object]]:
    """Takes the arguments of the next message, waiting up to that many seconds; None if none."""
    with app.connection_for_read() as connection:
        queue = Queue(name)(connection.default_channel)
        queue.declare()

        def take(seconds: float) -> object:
            deadline = time.monotonic() + seconds
            while (message := queue.get(no_ack=True)) is None and time.monotonic() < deadline:
                time.sleep(0.05)
            return None if message is None else message.payload[1]

        yield take
        queue.delete()


@pytest.mark.django_db(transaction=True)
@pytest.mark.broker
def test_the_message_arrives_after_the_commit(broker_url: str) -> None:
    with sender(broker_url) as (app, name), receiver(app, name) as take:
        task = app.task(nothing, name="test.wake")
        with transaction.atomic():
            wake(task, run_id=7)
            assert take(0.2) is None
        assert take(5) == {"run_id": 7}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("url", DEAD_BROKERS)
def test_a_dead_broker_is_logged_and_forgotten(url: str, caplog: pytest.LogCaptureFixture) -> None:
    with sender(url) as (app, _):
        task = app.task(nothing, name="test.wake")
        started = time.monotonic()
        with caplog.at_level(logging.WARNING, "common.wakeup"):
            wake(task, run_id=7)
        assert time.monotonic() - started < 15
    assert "test.wake waits for the sweep" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_nothing_goes_out_when_the_transaction_is_undone() -> None:
    with sender("memory://") as (app, name), receiver(app, name) as take:
        task = app.task(nothing, name="test.wake")
        with transaction.atomic():
            wake(task, run_id=7)
            transaction.set_rollback(True)
        wake(task, run_id=8)
        assert take(1) == {"run_id": 8}
        assert take(0) is None


@pytest.mark.django_db(transaction=True)
def test_a_later_wake_names_its_moment() -> None:
    before = datetime.now(UTC)
    with sender("memory://") as (app, name), app.connection_for_read() as connection:
        queue = Queue(name)(connection.default_channel)
        queue.declare()
        task = app.task(nothing, name="test.wake")
        with transaction.atomic():
            wake_later(task, 90, run_id=7)
        message = queue.get(no_ack=True)
        assert message.payload[1] == {"run_id": 7}
        moment = datetime.fromisoformat(message.headers["eta"])
        assert moment - before >= timedelta(seconds=90)
