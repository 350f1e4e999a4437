"""What is refused before anything is started."""

import pytest

from displace.embedded.guard import CannotStart, port_of


def test_ports() -> None:
    assert port_of("8000") == 8000
    assert port_of("65535") == 65535


@pytest.mark.parametrize("text", ["", "0", "65536", "-1", "http", "80.0", "8" * 20, "\u0668\u0660"])
def test_bad_ports(text: str) -> None:
    with pytest.raises(CannotStart, match="from 1 to 65535"):
        port_of(text)
