"""What is wrong with an installation, and what to do: each part of it examines itself.

An app's `doctor.py` decorates its examinations with `examination`; the command `doctor` runs them
all.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from celery import current_app
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from common.health import broker_answers, database_answers


class Health(StrEnum):
    """How something is: in order, worth a look, or not working."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """What an examination saw. `advice` says what to do; empty when all is well."""

    subject: str
    health: Health
    message: str
    advice: str = ""


Examination = Callable[[], Iterator[Finding]]
_examinations: list[Examination] = []


def examination(function: Examination) -> Examination:
    """Have the doctor run this function, after those that were registered before."""
    if function not in _examinations:
        _examinations.append(function)
    return function


def examine() -> Iterator[Finding]:
    """Run every examination. Those that need the database are left out when it is away."""
    database = list(_database())
    yield from database
    can_read = all(finding.health is not Health.ERROR for finding in database)
    for function in (_data_directory, _background, *(_examinations if can_read else ())):
        yield from function()


# A folder with less left (bytes) will soon stop fetches and database writes.
LITTLE_SPACE = 1 << 30
WORKER_PATIENCE_SECONDS = 3.0


def _database() -> Iterator[Finding]:
    vendor = connection.display_name
    if not database_answers():
        advice = "Check DISPLACE_DATABASE_URL, and that the server runs."
        yield Finding("Database", Health.ERROR, f"{vendor} does not answer.", advice)
        return
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        yield Finding("Database", Health.ERROR, str(error), "Run `python manage.py migrate`.")
        return
    if missing:
        message = f"{len(missing)} migrations have not been applied."
        yield Finding("Database", Health.ERROR, message, "Run `python manage.py migrate`.")
        return
    yield Finding("Database", Health.OK, f"{vendor}, tables up to date.")


def _data_directory() -> Iterator[Finding]:
    try:
        free = shutil.disk_usage(settings.DATA_DIR).free
    except OSError as error:
        advice = "Make the folder, or set DISPLACE_DATA_DIR."
        yield Finding("Data directory", Health.ERROR, f"{error.strerror}.", advice)
        return
    message = f"{free / (1 << 30):.1f} GiB free in {settings.DATA_DIR}."
    if free < LITTLE_SPACE:
        advice = "Make room: mirrors and, embedded, the database grow here."
        yield Finding("Data directory", Health.WARNING, message, advice)
    else:
        yield Finding("Data directory", Health.OK, message)


def _background() -> Iterator[Finding]:
    if not broker_answers():
        advice = (
            "Check DISPLACE_BROKER_URL, and that the broker runs. Nothing is lost meanwhile: "
            "background work waits in the database."
        )
        yield Finding("Broker", Health.ERROR, "The message broker does not answer.", advice)
        return
    yield Finding("Broker", Health.OK, f"{settings.BROKER_URL.scheme} answers.")
    try:
        answers = current_app.control.ping(timeout=WORKER_PATIENCE_SECONDS) or []
    except Exception as error:  # noqa: BLE001 - each broker's library raises errors of its own
        yield Finding("Workers", Health.WARNING, f"They cannot be asked: {error}.", "Try again.")
        return
    names = sorted(name for answer in answers for name in answer)
    if names:
        yield Finding("Workers", Health.OK, f"{len(names)} ready: {', '.join(names)}.")
        return
    advice = (
        "Start one: `celery -A displace.celery worker -Q default,analysis,alerts,runs`, or "
        "`make run`. One that is in the middle of an analysis does not answer either."
    )
    yield Finding("Workers", Health.WARNING, "No worker answers.", advice)
