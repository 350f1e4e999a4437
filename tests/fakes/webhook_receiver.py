"""Somebody's own system behind a signed webhook: checks orders, carries each out once, answers."""

from collections.abc import Callable
from typing import Any

from common import clock
from common.standard_webhooks import is_genuine
from tests.fakes.loopback import Reply, Request

SECRET = "whsec_" + "c2VjcmV0LW9mLXRoZS1yZWNlaXZlci0zMi1ieXRlcw=="


class Receiver:
    def __init__(self) -> None:
        self.orders: dict[str, dict[str, Any]] = {}
        self.answers: dict[str, Any] = {
            "provision": {"state": "succeeded", "outputs": {"host": "h", "port": 1}}
        }
        # Answers 202 and reports later.
        self.reports_later = False
        self.on_order: Callable[[dict[str, Any]], None] = lambda _data: None
        self.canceled: list[str] = []

    def answer(self, request: Request) -> Reply:
        headers = request.headers
        is_good = is_genuine(
            SECRET, headers["webhook-id"], headers["webhook-timestamp"],
            headers["webhook-signature"], request.body, now=clock.now(),
        )  # fmt: skip
        if not is_good:
            return Reply(401, {"message": "not signed"})
        value = request.json()
        assert set(value) == {"type", "timestamp", "data"}
        data = value["data"]
        if value["type"] == "run.ping":
            return Reply(200, {})
        if value["type"] == "run.canceled":
            self.canceled.append(data["order"])
            return Reply(202)
        assert headers["webhook-id"] == data["order"]
        if data["order"] not in self.orders:
            self.orders[data["order"]] = data
            self.on_order(data)
        if self.reports_later:
            return Reply(202)
        return Reply(200, self.answers.get(data["action"], {"state": "succeeded"}))
