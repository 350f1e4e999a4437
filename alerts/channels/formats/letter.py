"""A message as the HTML of an e-mail: no image, no script, nothing fetched from anywhere."""

from collections.abc import Iterable

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from alerts.channels.formats import outline
from alerts.channels.text import COLOURS, asked, links
from alerts.domain.messages import Envelope, Message, Row

_NOTHING = SafeString("")
_PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
    '<body style="font-family:sans-serif;line-height:1.4;color:#222;background:#fff;'
    'max-width:42em;margin:1em auto;padding:0 1em">'
    '<h1 style="font-size:1.25em">{title}</h1>{parts}'
    '<p style="color:#666;font-size:.85em">{footer}{stop}</p></body></html>'
)
_LINE = "<div>{}</div>"


def letter(message: Message, envelope: Envelope) -> str:
    """The whole document; every text of a stranger is escaped by `format_html`."""
    names = ", ".join(filter(None, map(outline.name_of, message.call)))
    lead = outline.quoted(message.lead, outline.LONG)
    parts = [
        format_html("<p>{}</p>", f"{names}: {lead}" if names else lead),
        _list(outline.quoted(fact, outline.SHORT) for fact in message.facts),
        *map(_row, message.rows),
        _rest(message),
    ]
    return format_html(
        _PAGE,
        title=outline.quoted(message.title, outline.SHORT),
        parts=format_html_join("", "{}", ((part,) for part in parts)),
        footer=outline.footer(message, envelope),
        stop=_stop(envelope),
    )


def _stop(envelope: Envelope) -> SafeString:
    if not envelope.stop_url:
        return _NOTHING
    return format_html(" · {}", _link(envelope.stop_url, "Stop these messages"))


def _row(row: Row) -> SafeString:
    mention, text = asked(row)
    name = outline.name_of(mention) if mention else ""
    ask = outline.quoted(text, outline.SHORT)
    facts = filter(
        None, (outline.quoted(row.when, outline.SHORT), outline.quoted(row.cost, outline.SHORT))
    )
    lines = (
        " · ".join(facts),
        outline.quoted(row.impact, outline.LONG),
        f"{name}: {ask}" if name and ask else ask,
        outline.quoted(row.note, outline.SHORT),
    )
    title = (
        f"{outline.quoted(row.reference, 40)} {outline.quoted(row.title, outline.SHORT)}".strip()
    )
    answers = format_html_join(" · ", "{}", ((_link(url, text),) for text, url in links(row)))
    return format_html(
        '<div style="margin:1em 0;padding-left:.75em;border-left:4px solid #{}">{}{}{}</div>',
        f"{COLOURS[row.tone]:06X}",
        format_html("<strong>{}</strong>", _link(row.url, title)),
        format_html_join("", _LINE, ((line,) for line in lines if line)),
        format_html(_LINE, answers) if answers else _NOTHING,
    )


def _rest(message: Message) -> SafeString:
    text = f"and {message.more:,} more" if message.more else "Open in Displace"
    url = message.more_url or message.url
    return format_html("<p>{}</p>", _link(url, text)) if url or message.more else _NOTHING


def _list(texts: Iterable[str]) -> SafeString:
    items = format_html_join("", "<li>{}</li>", ((text,) for text in texts))
    return format_html("<ul>{}</ul>", items) if items else _NOTHING


def _link(url: str, text: str) -> SafeString:
    """A link to a page of ours; without an address, or with a strange one, only its text."""
    if not url.startswith(("https://", "http://")):
        return format_html("{}", text)
    return format_html('<a href="{}">{}</a>', url, text)
