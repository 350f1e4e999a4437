"""A worker of `bench.alerts_kills`: sends what is due until it is killed.

Imported once by the process that all of them are forked from.
"""

import time
from datetime import timedelta
from multiprocessing.connection import Connection
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402 - after the set-up
from django.db import connections  # noqa: E402 - after the set-up

from alerts.channels import registry  # noqa: E402 - after the set-up
from alerts.channels.matrix import Matrix  # noqa: E402 - after the set-up
from alerts.services import delivering  # noqa: E402 - after the set-up
from alerts.services.giving_up import deliveries_give_up  # noqa: E402 - after the set-up
from common import clock  # noqa: E402 - after the set-up
from tests.builders.alert_channels import FAST, Loop  # noqa: E402 - after the set-up


def run(database: str, lease: float, point: str, parent: Connection) -> None:
    """Send until killed; at `point` ("before", "after") say so and stay there."""
    connections["default"].settings_dict["NAME"] = database
    settings.INTERNAL_HOSTS = ("127.0.0.1",)
    settings.ALERTS_LEASE = timedelta(seconds=lease)
    registry.KINDS["loop"] = Loop()  # type: ignore[index]  # it is a dict
    # The homeserver of the tests has no limit; ours is tested elsewhere.
    Matrix.rate = FAST
    sent = delivering._sent

    def stopping(*arguments: Any) -> Any:
        if point == "before":
            _stay(parent)
        receipt = sent(*arguments)
        if point == "after":
            _stay(parent)
        return receipt

    delivering._sent = stopping
    parent.send("ready")
    while True:
        deliveries_give_up()
        for channel_id in delivering.channels_with_work(clock.now()):
            delivering.channel_deliver(channel_id=channel_id, limit=3)
        time.sleep(0.01)


def _stay(parent: Connection) -> None:
    parent.send("here")
    time.sleep(600)
