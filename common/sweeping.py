"""Sweeps take each row by itself: a fault of ours in one is none of the others'."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from common.errors import DisplaceError

log = logging.getLogger(__name__)

Row = TypeVar("Row")


def swept(
    rows: Iterable[Row],
    act: Callable[[Row], int],
    *,
    expected: tuple[type[Exception], ...] = (DisplaceError,),
) -> int:
    """Do `act` with each row, and return the sum of what it did.

    A row that meets an expected error is left out with a word in the log, and one that meets any
    other with its trace; the next sweep finds both again.
    """
    done = 0
    for row in rows:
        try:
            done += act(row)
        except expected as error:
            log.info("%s %s was left out: %s", type(row).__name__, _number(row), error)
        except Exception:  # as the module says; whoever runs Displace reads it in the log
            log.exception("%s %s was left out", type(row).__name__, _number(row))
    return done


def _number(row: object) -> object:
    """Strangers name things, and the log is no place for what they write."""
    return getattr(row, "pk", "")
