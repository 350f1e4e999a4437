"""What a homeserver passes on, looked at as the words of a stranger."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.domain.chat_commands import PREFIX

_PERSON = re.compile(r"@[^\s:]{1,200}:[^\s:]{1,200}(:[0-9]{1,5})?")
MOST_ID = 255
# Older commands are not carried out: whoever wrote them no longer expects it.
LONGEST_WAIT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Said:
    """A command that a person wrote in a room."""

    event_id: str
    room_id: str
    sender: str
    text: str

    @property
    def name(self) -> str:
        """The sender's name at their homeserver: "ann" of "@ann:example.org"."""
        return self.sender[1:].partition(":")[0]


def command_in(event: object, *, now: datetime) -> Said | None:
    """The command in an event; None for everything else that happens in a room.

    Passes over changed messages, what programs wrote (`m.notice`), and what is older than a day.
    """
    if not isinstance(event, Mapping) or event.get("type") != "m.room.message":
        return None
    content = event.get("content")
    if not isinstance(content, Mapping) or content.get("msgtype") != "m.text":
        return None
    names = [event.get(name) for name in ("event_id", "room_id", "sender")]
    body = content.get("body")
    if not isinstance(body, str) or not all(isinstance(one, str) for one in names):
        return None
    event_id, room_id, sender = map(str, names)
    is_named = 0 < len(event_id) <= MOST_ID and _PERSON.fullmatch(sender[:MOST_ID])
    if not is_named or _is_change(content) or _is_old(event, now):
        return None
    text = _without_quote(body)
    if text.split(maxsplit=1)[:1] and text.split(maxsplit=1)[0].lower() == PREFIX:
        return Said(event_id, room_id, sender[:MOST_ID], text)
    return None


def _is_change(content: Mapping[str, object]) -> bool:
    relation = content.get("m.relates_to")
    return isinstance(relation, Mapping) and relation.get("rel_type") == "m.replace"


def _is_old(event: Mapping[str, object], now: datetime) -> bool:
    """Whether it was written long ago, by the clock of the sender's homeserver.

    Or long from now: such an event would not be too old when its id is forgotten.
    """
    written = event.get("origin_server_ts")
    if not isinstance(written, int | float):
        return True
    # Nothing is calculated with a stranger's number: it may be too large for that, or none at all.
    earliest, latest = (
        moment.timestamp() * 1000 for moment in (now - LONGEST_WAIT, now + LONGEST_WAIT)
    )
    return not earliest <= written <= latest


def _without_quote(body: str) -> str:
    """The text of a reply without the lines that old clients quote in front of it."""
    if not body.startswith("> "):
        return body
    lines = body.split("\n")
    quoted = next((at for at, line in enumerate(lines) if not line.startswith(">")), len(lines))
    return "\n".join(lines[quoted:]).lstrip("\n")
