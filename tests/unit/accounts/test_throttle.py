"""Guessing stops early; being locked out by a stranger takes long."""

import pytest

from accounts.domain.throttle import Failures, is_throttled


@pytest.mark.parametrize(
    ("failures", "refused"),
    [
        (Failures(by_name_and_address=9, by_address=9, by_name=9), False),
        (Failures(by_name_and_address=10, by_address=10, by_name=10), True),
        (Failures(by_name_and_address=1, by_address=50, by_name=1), True),
        (Failures(by_name_and_address=0, by_address=0, by_name=99), False),
        (Failures(by_name_and_address=0, by_address=0, by_name=100), True),
    ],
)
def test_limits(failures: Failures, refused: bool) -> None:
    assert is_throttled(failures) is refused
