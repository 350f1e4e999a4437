"""A message as text with links, for Zulip and Rocket.Chat; strangers' text is made harmless.

Neither service lets a backslash take a mark's meaning away everywhere, so marks give way to
characters that look like them, and what rings or becomes a link is broken by a space of no width.
"""

import re
from collections.abc import Callable, Iterator

from alerts.channels.text import SIGNS, asked, links, plain, reference, rest
from alerts.domain.messages import Envelope, Mention, Message, Row

_APART = "\u200b"
_MARKS = str.maketrans(
    {
        "*": "\u2217",
        "`": "\u02cb",
        "~": "\u223c",
        "|": "\u2223",
        "\\": "\u2216",
        "<": "\u2039",
        ">": "\u203a",
        "[": "(",
        "]": ")",
    }
)
# What begins a mention, a room, an emoji, an entity, an address or a formula, if that follows;
# at the end of a text something of ours may.
_BEGINNINGS = re.compile(r"[@#:&](?=\S|$)|\.(?=\w)|\$(?=\$)")
# An underscore inside a name stays; one around a word would make it slanted.
_UNDERSCORES = re.compile(r"(?<![^\W_])_|_(?![^\W_])")

Called = Callable[[Mention], str]


def escaped(text: str, most: int = 300) -> str:
    """One line that mentions, links and marks nothing."""
    marked = _UNDERSCORES.sub("\uff3f", plain(text, most).translate(_MARKS))
    return _BEGINNINGS.sub(lambda found: found.group() + _APART, marked)


def link(url: str, text: str) -> str:
    """A link to a page of ours."""
    if not url:
        return escaped(text, 200)
    safe = url.replace("(", "%28").replace(")", "%29").replace(" ", "%20")
    return f"[{escaped(text, 200)}]({safe})"


def name_of(mention: Mention) -> str:
    """A person who is not rung."""
    return escaped(mention.name or mention.handle, 80)


def markup(message: Message, envelope: Envelope, called: Called, bold: str) -> str:
    """The whole text; `called` names a person as the service rings them, `bold` is its mark."""
    title = escaped(message.title, 250)
    lead = " ".join([*map(called, message.call), escaped(message.lead, 1000)]).strip()
    lines = [
        # A sign in front: no line begins with what a stranger wrote.
        f"\U0001f4cb {bold}{title}{bold}" if title else "",
        f"\u2022 {lead}" if lead else "",
        *(f"\u2022 {escaped(fact)}" for fact in message.facts),
    ]
    blocks = [
        "\n".join(filter(None, lines)),
        *("\n".join(_row(row, called)) for row in message.rows),
        _footer(message, envelope),
    ]
    return "\n\n".join(filter(None, blocks))


def _row(row: Row, called: Called) -> Iterator[str]:
    title = plain(f"{plain(row.reference, 40)} {plain(row.title, 150)}")
    yield f"{SIGNS[row.tone]} {link(row.url, title)}"
    if facts := " · ".join(escaped(one) for one in (row.when, row.cost) if one):
        yield f"\u2022 {facts}"
    if row.impact:
        yield f"“{escaped(row.impact, 600)}”"
    mention, ask = asked(row)
    if ask:
        whom = f"{called(mention)}: " if mention else ""
        yield f"→ {whom}{escaped(ask)}"
    if row.note:
        yield f"✓ {escaped(row.note)}"
    if offered := links(row):
        yield "→ " + " · ".join(link(url, label) for label, url in offered)


def _footer(message: Message, envelope: Envelope) -> str:
    label, url = rest(message)
    parts = [
        link(url, label) if url or message.more else "",
        escaped(reference(envelope)),
        escaped(message.footer),
    ]
    return " · ".join(filter(None, parts))
