"""What the tests of the delivery share: a service, a kind of channel, and a clock to move."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from alerts.domain import breaker
from common import clock
from tests.builders.alert_channels import Loop, kind_known
from tests.fakes.odd_service import OddService, odd_service


class Clock:
    """The real one, moved by hand."""

    def __init__(self) -> None:
        self.ahead = timedelta()
        self.read = clock.now

    def __call__(self) -> datetime:
        return self.read() + self.ahead

    def move(self, **by: float) -> None:
        self.ahead += timedelta(**by)

    def past_every_pause(self) -> None:
        self.move(seconds=breaker.MOST.total_seconds() * 4)


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> Clock:
    hands = Clock()
    monkeypatch.setattr(clock, "now", hands)
    return hands


@pytest.fixture
def loop() -> Iterator[Loop]:
    with kind_known(Loop()) as kind:
        yield kind


@pytest.fixture
def odd(settings) -> Iterator[OddService]:
    settings.INTERNAL_HOSTS = ("127.0.0.1",)
    with odd_service() as running:
        yield running
