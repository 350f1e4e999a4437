"""What one part of the product has to tell people, without knowing how they are told.

A part `say`s a notice in the transaction of the fact behind it; whoever can reach people has been
`heard`, and writes it down in the same transaction. Where nobody listens, nothing happens.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from django.db import connection

# A key names a fact and stands in a unique column beside the name of a place.
LONGEST_KEY = 150


class Severity(StrEnum):
    """How urgent a notice is: to be read, to be acted on, or gone wrong."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Notice:
    """A fact for people. `key` names it: the same key is told once, however often it is said.

    `text` is one or two sentences, `url` the whole address of the page that shows more. `team_id`
    says whom it concerns; without one it is for whoever hears what belongs to no team. `handles`
    are people and teams to be called by name.
    """

    key: str
    title: str
    text: str
    url: str
    team_id: int | None = None
    handles: tuple[str, ...] = ()
    severity: Severity = Severity.INFO

    def __post_init__(self) -> None:
        if not 0 < len(self.key) <= LONGEST_KEY:
            raise ValueError(f"the key of a notice has {len(self.key)} characters")


Listener = Callable[[Notice], None]
_listeners: list[Listener] = []


def heard(function: Listener) -> Listener:
    """Have this function told of every notice, after those that were registered before."""
    if function not in _listeners:
        _listeners.append(function)
    return function


def say(notice: Notice) -> None:
    """Tell everybody who listens. Belongs into the transaction of the fact."""
    if not connection.in_atomic_block:
        raise RuntimeError("a notice is said in the transaction of its fact")
    for function in tuple(_listeners):
        function(notice)
