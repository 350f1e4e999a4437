"""What the gate's rules of debt look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ledger.domain.annotations import Mark
from ledger.domain.policy import Policy
from ledger.domain.trailers import BadTrailer, Trailer


@dataclass(frozen=True, slots=True)
class KnownDebt:
    """What the register knows of an open debt of the repository."""

    reference: str
    slug: str
    title: str
    owner: str
    path: str
    line: int
    due_on: date
    has_impact: bool = False
    has_plan: bool = False
    is_one_way: bool = False
    is_accepted: bool = False
    system: str = ""

    @property
    def name(self) -> str:
        """The id in the code or, for debt without one, the reference."""
        return self.slug or self.reference


@dataclass(frozen=True, slots=True)
class CommitTrailer:
    """A trailer and the commit that says it."""

    commit: str
    trailer: Trailer


@dataclass(frozen=True, slots=True)
class CommitMistake:
    """A line meant as a trailer that cannot be read, and the commit that holds it."""

    commit: str
    mistake: BadTrailer


@dataclass(frozen=True, slots=True)
class DebtChange:
    """Everything about debt that the rules look at.

    `before` and `after` are the marks of the changed files alone, `elsewhere` those of the files
    left alone (needed only where something is new). `renamed` gives the old path by the new one.
    `full_systems` are those whose interest is over the ceiling; debt that names no system burdens
    `default_system`.
    """

    paths: frozenset[str]
    before: Sequence[Mark]
    after: Sequence[Mark]
    elsewhere: Sequence[Mark]
    renamed: Mapping[str, str]
    known: Sequence[KnownDebt]
    trailers: Sequence[CommitTrailer]
    mistakes: Sequence[CommitMistake]
    full_systems: frozenset[str]
    default_system: str
    policy: Policy
    today: date
