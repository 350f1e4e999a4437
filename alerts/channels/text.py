"""Text of strangers made fit for any chat: what every service needs before its own escaping."""

import unicodedata
from datetime import date

from alerts.domain.messages import Envelope, Mention, Message, Offer, Row, Tone

MORE = "…"
# Format characters that build emoji and some scripts; all others only hide or turn text round.
_JOINERS = "\u200c\u200d"
# A sign for services that show no colours.
SIGNS = {Tone.OVERDUE: "🔴", Tone.DUE: "🟠", Tone.SOON: "🟡", Tone.LATER: "⚪"}
# Six digits of red, green and blue, for services that do.
COLOURS = {Tone.OVERDUE: 0xC62828, Tone.DUE: 0xEF6C00, Tone.SOON: 0xF9A825, Tone.LATER: 0x607D8B}


def plain(text: str, most: int | None = None) -> str:
    """One line without characters that cannot be seen, that turn text round or break a line.

    `most` characters at the most. What is left may still hold the marks of a service.
    """
    line = " ".join("".join(map(_visible, text)).split()).strip(_JOINERS)
    return line if most is None else cut(line, most)


def cut(text: str, most: int) -> str:
    """The beginning of a text that is longer than `most` characters, with an ellipsis."""
    if len(text) <= most:
        return text
    return _whole(text[: max(most - 1, 0)]) + MORE if most > 0 else ""


def size(text: str) -> int:
    """The bytes of a text in UTF-8."""
    return len(text.encode("utf-8", "replace"))


def units(text: str) -> int:
    """The UTF-16 code units of a text, in which some services count."""
    return len(text.encode("utf-16-le", "replace")) // 2


def day(value: date) -> str:
    """A day as people write it: 30 September 2026."""
    return f"{value.day} {value:%B %Y}"


def links(row: Row) -> list[tuple[str, str]]:
    """Label and address of the answers that can be given by a link."""
    return [(offer.label, offer.url) for offer in row.offers if offer.url]


def asked(row: Row) -> tuple[Mention | None, str]:
    """Who is called for a row, and what is asked without that name in front: it stands there once.

    An `ask` names whom it is for; where that is the person called, the call takes its place.
    """
    if row.mention is None:
        return None, row.ask
    for name in (row.mention.name, row.mention.handle, "You"):
        if name and row.ask.startswith(f"{name}: "):
            return row.mention, row.ask.removeprefix(f"{name}: ")
    return row.mention, row.ask


def reference(envelope: Envelope) -> str:
    """The words by which a person recognises a message that came twice."""
    again = ", sent again: it may be here twice" if envelope.attempt > 1 else ""
    return f"Ref {plain(envelope.reference, 20)}{again}"


def rest(message: Message) -> tuple[str, str]:
    """Label and address of what is not told here; without an address there may be no more."""
    if message.more:
        return f"and {message.more:,} more", message.more_url or message.url
    return "Open in Displace", message.url


def pressable(row: Row) -> list[Offer]:
    """The answers that can be given by a button."""
    return [offer for offer in row.offers if offer.token]


def _visible(one: str) -> str:
    category = unicodedata.category(one)
    if category in ("Cc", "Zl", "Zp", "Zs"):
        return " "
    if category in ("Cs", "Co", "Cn") or (category == "Cf" and one not in _JOINERS):
        return ""
    return one


def _whole(text: str) -> str:
    """Without half of a composed character, or a space, at the end of what was cut."""
    return text.rstrip().rstrip(_JOINERS)
