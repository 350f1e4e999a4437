"""What the words of a message are made from: debts, owners, teams and people by name."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from alerts.domain.messages import Mention
from ledger.domain.telling import Telling

# How often a promise may be moved, where no policy says otherwise.
USUAL_EXTENSIONS = 2


@dataclass(frozen=True, slots=True)
class TeamFacts:
    """A team and those who lead it."""

    handle: str
    name: str
    leads: tuple[Mention, ...] = ()


@dataclass(frozen=True, slots=True)
class Places:
    """Where the debts of a summary stand, and how many of the team are on record there in all."""

    repositories: tuple[str, ...] = ()
    on_record: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that the plans of one run speak of.

    `debts` is the address of the register, with a slash at its end; `names` says how a handle is
    called; `places` goes by the number of the plan; `extensions` is how often the policy lets a
    promise be moved.
    """

    debts: str
    tellings: Mapping[int, Telling]
    names: Mapping[str, str] = field(default_factory=dict)
    teams: Mapping[int, TeamFacts] = field(default_factory=dict)
    people: Mapping[int, Mention] = field(default_factory=dict)
    places: Mapping[int, Places] = field(default_factory=dict)
    extensions: int = USUAL_EXTENSIONS

    def mention(self, handle: str) -> Mention:
        """Whoever has this handle, by name; a handle that nobody has stands for itself."""
        return Mention(handle, self.names.get(handle, handle))
