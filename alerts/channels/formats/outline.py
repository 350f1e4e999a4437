"""A message as plain text, for what knows no marks: the text of an e-mail, and Apprise."""

import re
from collections.abc import Iterator

from alerts.channels.text import asked, links, plain, reference
from alerts.domain.messages import Envelope, Mention, Message, Row

SHORT, LONG = 300, 1000
# Most readers make links of these by themselves; only our own addresses shall be some.
_ADDRESSES = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?<=@)(?=\S)", re.IGNORECASE)


def outline(message: Message, envelope: Envelope, *, has_title: bool = True) -> str:
    """The whole message, one fact a line, an empty line between debts."""
    blocks = [
        [quoted(message.title, SHORT)] if has_title else [],
        [*_lead(message), *(f"- {quoted(fact, SHORT)}" for fact in message.facts)],
        *(list(_row(row)) for row in message.rows),
        [rest(message)],
        [footer(message, envelope), stop(envelope)],
    ]
    texts = ("\n".join(filter(None, block)) for block in blocks)
    return "\n\n".join(filter(None, texts)) + "\n"


def quoted(text: str, most: int) -> str:
    """One line of a stranger's, in which no address becomes a link."""
    return _ADDRESSES.sub("\u200b", plain(text, most))


def name_of(mention: Mention) -> str:
    """A person who is not rung."""
    return quoted(mention.name or mention.handle, 80)


def rest(message: Message) -> str:
    """What is not told here, and where it is."""
    url = message.more_url or message.url
    if message.more:
        return f"and {message.more:,} more: {url}" if url else f"and {message.more:,} more"
    return f"Open in Displace: {url}" if url else ""


def footer(message: Message, envelope: Envelope) -> str:
    """The last line; its reference lets a person recognise a message that came twice."""
    parts = [quoted(message.footer, SHORT), quoted(reference(envelope), SHORT)]
    return " · ".join(filter(None, parts))


def stop(envelope: Envelope) -> str:
    """Where a person ends what they alone are told."""
    return f"Stop these messages: {envelope.stop_url}" if envelope.stop_url else ""


def _lead(message: Message) -> list[str]:
    names = ", ".join(filter(None, map(name_of, message.call)))
    lead = quoted(message.lead, LONG)
    return [f"{names}: {lead}" if names and lead else names or lead]


def _row(row: Row) -> Iterator[str]:
    yield f"{quoted(row.reference, 40)} {quoted(row.title, SHORT)}".strip()
    yield " · ".join(filter(None, (quoted(row.when, SHORT), quoted(row.cost, SHORT))))
    yield quoted(row.impact, LONG)
    mention, text = asked(row)
    ask, name = quoted(text, SHORT), name_of(mention) if mention else ""
    yield f"{name}: {ask}" if name and ask else ask
    yield quoted(row.note, SHORT)
    yield row.url
    for label, url in links(row):
        yield f"{quoted(label, 60)}: {url}"
