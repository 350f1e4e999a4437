"""Tasks can be deployed while messages of the version before are still in the queue."""

import inspect

import pytest
from celery import Task
from django.conf import settings

from displace.celery import app
from tests.architecture.sources import APPS

app.loader.import_default_modules()
TASKS = sorted(
    (task for task in app.tasks.values() if task.__module__.split(".")[0] in APPS),
    key=lambda task: task.name,
)
QUEUES = {queue.name for queue in settings.CELERY_TASK_QUEUES}


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_task_rules(task: Task) -> None:
    parameters = inspect.signature(task.run).parameters.values()
    kinds = {parameter.kind for parameter in parameters}
    assert inspect.Parameter.VAR_KEYWORD in kinds, "takes **kwargs, for arguments still to come"
    assert kinds <= {inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD}
    route = settings.CELERY_TASK_ROUTES.get(task.name, {})
    assert route.get("queue") in QUEUES, "CELERY_TASK_ROUTES names its queue"
    assert task.name.split(".")[0] == task.__module__.split(".")[0]
    assert task.acks_late
    assert task.ignore_result


def test_there_are_tasks() -> None:
    assert TASKS


def test_the_schedule_names_tasks_that_exist() -> None:
    names = {task.name for task in TASKS}
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert scheduled <= names
