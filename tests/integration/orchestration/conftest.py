"""Resources that are really built on this host, and taken away again whatever happens."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests import lanes
from tests.builders.catalogue import ENGINE, Built


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Callable[..., Built]]:
    """Makes a resource of a blueprint that a test may apply; the lane "provision".

    None of its secrets is ever seen in the arguments of a process, in the log, or in a file that
    is left; and nothing of it is there afterwards.
    """
    made: list[Built] = []

    def make(blueprint: str, name: str, **changes: object) -> Built:
        found = Built(blueprint, name, workdir=tmp_path, **changes)
        if lacking := ENGINE.missing(found.manifest):
            # Unleash comes from npm and needs a newer Node.js than Debian has.
            lane = "flags" if blueprint == "feature-flags" else "provision"
            lanes.skip_or_fail(lane, ", ".join(one.what for one in lacking) + " missing")
        made.append(found)
        return found

    with arguments_seen() as seen:
        yield make
        for one in reversed(made):
            one.destroy()
            assert one.remains() == ()
    secrets = [secret for one in made for secret in one.secrets.values()]
    said = "\n".join([*seen, *(one.told.text for one in made)])
    assert not [secret for secret in secrets if secret in said]
    assert list(tmp_path.iterdir()) == []


@contextmanager
def arguments_seen() -> Iterator[set[str]]:
    """The arguments of every process of this host, looked at over and over."""
    seen: set[str] = set()
    is_over = threading.Event()

    def look() -> None:
        while not is_over.wait(0.05):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                with suppress(OSError):
                    seen.add(path.read_bytes().decode(errors="replace"))

    watching = threading.Thread(target=look)
    watching.start()
    try:
        yield seen
    finally:
        is_over.set()
        watching.join()
