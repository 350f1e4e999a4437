"""What every chat service can be asked, and how it says that something went wrong."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from alerts.domain.messages import Envelope, Mention, Message, Receipt
from common.connection_settings import Field


@dataclass(frozen=True, slots=True)
class Rate:
    """What the service takes: messages a second on the whole, and so many at once."""

    per_second: float
    burst: int = 1


@dataclass(frozen=True, slots=True)
class Abilities:
    """What the service lets us do with a message."""

    edits: bool = False
    threads: bool = False
    buttons: bool = False
    mentions: bool = False
    # The same key twice makes one message.
    is_idempotent: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """What a person gives to be called by name at a service where no code can be typed.

    `pattern` is what the whole of it looks like. `is_private`: a message can be put before this
    account alone; otherwise everybody in the room reads it.
    """

    label: str
    help: str
    pattern: str
    is_private: bool = False


class SendError(Exception):
    """Why a message did not go out. The text is fit for a page and holds no secret.

    `is_permanent`: this message will never be taken as it is.
    `disables_channel`: nothing will be taken until a person repairs the channel (revoked token,
    deleted room); permanent, too.
    `is_outcome_unknown`: it may have been taken all the same.
    `retry_after`: how many seconds the service asks us to wait, where it says so.
    `said`: the service's own words, cut and without secrets.
    """

    def __init__(
        self,
        message: str,
        *,
        is_permanent: bool = False,
        disables_channel: bool = False,
        is_outcome_unknown: bool = False,
        retry_after: float | None = None,
        status: int | None = None,
        said: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.is_permanent = is_permanent or disables_channel
        self.disables_channel = disables_channel
        self.is_outcome_unknown = is_outcome_unknown
        self.retry_after = retry_after
        self.status = status
        self.said = said


Settings = Mapping[str, str]


class ChannelKind(ABC):
    """A chat service. Stateless: settings come with every call, secrets already opened."""

    name: ClassVar[str]
    label: ClassVar[str]
    fields: ClassVar[tuple[Field, ...]]
    rate: ClassVar[Rate]
    abilities: ClassVar[Abilities] = Abilities()
    # Only an admin may set one up: it can do what the other kinds are kept from.
    is_for_admins: ClassVar[bool] = False
    # The secret that proves who answers: two channels that share it trust the same people's links.
    proved_by: ClassVar[str] = ""
    # People are called by the name that they were linked under, not by their id.
    calls_by_name: ClassVar[bool] = False
    # How people's accounts are linked where nothing comes back from the service. None: by a code
    # that they type there, or not at all.
    account: ClassVar[Account | None] = None
    # How to get the settings, step by step, for the page that asks for them.
    steps: ClassVar[tuple[str, ...]] = ()

    @property
    def needs(self) -> list[str]:
        """The settings that nobody can do without, as a form calls them."""
        return [one.label for one in self.fields if one.is_required and not one.default]

    @abstractmethod
    def check(self, settings: Settings) -> None:
        """Look at the settings without sending anything. Raises BadSettings."""

    def settled(self, settings: Settings) -> dict[str, str]:
        """What is kept of settings that `check` accepted; it may ask the service.

        For a password that is only good for getting a token. Raises BadSettings.
        """
        return dict(settings)

    @abstractmethod
    def send(self, settings: Settings, message: Message, envelope: Envelope) -> Receipt:
        """Put a new message into the channel. Raises SendError."""

    def edit(
        self, settings: Settings, message: Message, envelope: Envelope, before: Receipt
    ) -> Receipt:
        """Replace a message that was sent. Raises SendError; only where `abilities.edits`."""
        raise SendError(f"{self.label} cannot change a message.", is_permanent=True)

    def reply(
        self, settings: Settings, message: Message, envelope: Envelope, before: Receipt
    ) -> Receipt:
        """Answer below a message. Raises SendError; only where `abilities.threads`."""
        raise SendError(f"{self.label} has no threads.", is_permanent=True)

    def tell(
        self, settings: Settings, chat_id: str, message: Message, envelope: Envelope
    ) -> Receipt:
        """Put a message before one account: alone where that is private, else called in the room.

        Raises SendError; only where there is an `account`.
        """
        called = replace(message, call=(Mention("", "", chat_id),))
        return self.send(settings, called, envelope)

    def workspace(self, settings: Settings) -> str:
        """Within which people's ids are unique: a server or a team; empty where there is none."""
        return ""

    def shown(self, settings: Settings) -> str:
        """Where messages go, for a page or a log: no secret, not even a part of one."""
        return self.label
