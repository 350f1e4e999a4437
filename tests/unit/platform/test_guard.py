"""What is refused before anything is started."""

from pathlib import Path

import pytest

from displace.embedded.guard import (
    LOCK_NAME,
    CannotStart,
    lock_data_dir,
    port_of,
    running_address,
)


def test_ports() -> None:
    assert port_of("8000") == 8000
    assert port_of("65535") == 65535


@pytest.mark.parametrize("text", ["", "0", "65536", "-1", "http", "80.0", "8" * 20, "\u0668\u0660"])
def test_bad_ports(text: str) -> None:
    with pytest.raises(CannotStart, match="from 1 to 65535"):
        port_of(text)


def test_the_address_of_the_running_start(tmp_path: Path) -> None:
    assert running_address(tmp_path) is None
    with lock_data_dir(tmp_path, "http://127.0.0.1:8500"):
        assert running_address(tmp_path) == "http://127.0.0.1:8500"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "http://127.0.0.1:8500",
        "http://127.0.0.1:8500 (process 999999999)\n",  # it has ended
        "http://127.0.0.1:8500/a (process 1)\n",
        "no address (process 1)\n",
        "\udc80",
    ],
)
def test_no_address_of_a_running_start(tmp_path: Path, text: str) -> None:
    (tmp_path / LOCK_NAME).write_text(text, "utf-8", errors="surrogateescape")
    assert running_address(tmp_path) is None
