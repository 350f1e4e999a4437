"""A message in the HTML that Matrix clients show (`org.matrix.custom.html`).

Every text is escaped, whoever wrote it. Nobody is called by what stands here: who is, stands apart
in the event's `m.mentions`.
"""

from collections.abc import Iterator
from html import escape
from urllib.parse import quote

from alerts.channels.formats.outline import footer, name_of, rest
from alerts.channels.text import SIGNS, asked, links, plain
from alerts.domain.messages import Envelope, Mention, Message, Row

SHORT, LONG = 300, 1000


def html(message: Message, envelope: Envelope) -> str:
    """The whole message; only a title and facts where there is nothing else."""
    return "".join(_parts(message, envelope))


def shown(text: str, most: int = SHORT) -> str:
    """A stranger's text between two tags or in an attribute."""
    line = plain(text, most)
    # Old clients ring everybody's bell at the one, wherever it stands, and link the other.
    for mark, apart in (("@room", "@\u2060room"), ("://", ":\u2060//")):
        line = line.replace(mark, apart)
    return escape(line, quote=True)


def _parts(message: Message, envelope: Envelope) -> Iterator[str]:
    yield f"<p><strong>{shown(message.title)}</strong></p>"
    lead = " ".join(filter(None, [*map(_called, message.call), shown(message.lead, LONG)]))
    yield f"<p>{lead}</p>" if lead else ""
    if message.facts:
        yield f"<ul>{''.join(f'<li>{shown(fact)}</li>' for fact in message.facts)}</ul>"
    if message.rows:
        yield f"<ul>{''.join(map(_row, message.rows))}</ul>"
    if url := message.more_url or message.url:
        words = rest(message).removesuffix(f": {url}")
        yield f"<p>{_link(url, words)}</p>"
    yield f"<p><em>{shown(footer(message, envelope))}</em></p>"


def _row(row: Row) -> str:
    sign = SIGNS[row.tone]
    name = f"<strong>{_link(row.url, row.reference)} {shown(row.title)}</strong>"
    facts = " · ".join(filter(None, (shown(row.when), shown(row.cost))))
    mention, text = asked(row)
    who = _called(mention) if mention else ""
    ask = shown(text)
    answers = " · ".join(_link(url, label) for label, url in links(row))
    note = f"<em>{shown(row.note)}</em>" if plain(row.note) else ""
    request = f"{who}: {ask}" if who and ask else ask
    lines = (f"{sign} {name}", facts, shown(row.impact, LONG), request, note, answers)
    return f"<li>{'<br>'.join(filter(None, lines))}</li>"


def _called(mention: Mention) -> str:
    """A name; a link to the account where it is known, which clients show as a pill."""
    name = shown(name_of(mention), 80)
    if not mention.chat_id:
        return name
    return f'<a href="https://matrix.to/#/{quote(mention.chat_id, safe="@:")}">{name}</a>'


def _link(url: str, words: str) -> str:
    name = shown(words)
    return f'<a href="{escape(url, quote=True)}">{name}</a>' if url else name
