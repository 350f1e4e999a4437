"""A message that is too large for a service says less, and keeps the link to the rest.

First the impact statements go, then links to answers (the debt's own page has them all), then rows
from the end, counted into "and n more", then everything but the title, the first sentence and the
link to the rest.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from alerts.domain.messages import Message, Row

Payload = TypeVar("Payload")
# Titles and phrases are ours and short; whatever is longer came from a stranger.
_SHORT, _SHORTEST = 200, 80


def fitted(
    message: Message, render: Callable[[Message], Payload], fits: Callable[[Payload], bool]
) -> Payload:
    """The first rendering that fits; the smallest where none does."""
    payload = None
    for smaller in _smaller(message):
        payload = render(smaller)
        if fits(payload):
            return payload
    if payload is None:  # there is always a first one
        raise AssertionError
    return payload


def without_last_rows(message: Message, kept: int) -> Message:
    """The message with its first `kept` rows; the others count as more, behind the link."""
    left = len(message.rows) - kept
    if left <= 0:
        return message
    return replace(
        message,
        rows=message.rows[:kept],
        more=message.more + left,
        more_url=message.more_url or message.url,
    )


def _smaller(message: Message) -> Iterator[Message]:
    yield message
    message = _shorter(message, 3 * _SHORT)
    yield message
    message = replace(message, rows=tuple(replace(row, impact="") for row in message.rows))
    yield message
    message = replace(message, rows=tuple(map(_without_links, message.rows)))
    yield message
    message = _shorter(message, _SHORT)
    for kept in range(len(message.rows), -1, -1):
        yield without_last_rows(message, kept)
    bare = without_last_rows(_shorter(message, _SHORTEST), 0)
    yield replace(bare, facts=(), footer="")
    yield replace(bare, facts=(), footer="", call=())


def _without_links(row: Row) -> Row:
    """The row with its buttons, without the answers that would stand in its text."""
    return replace(row, offers=tuple(replace(one, url="") for one in row.offers))


def _shorter(message: Message, most: int) -> Message:
    def cut(text: str) -> str:
        return text if len(text) <= most else text[: most - 1].rstrip() + "…"

    return replace(
        message,
        title=cut(message.title),
        lead=cut(message.lead),
        facts=tuple(map(cut, message.facts)),
        footer=cut(message.footer),
        rows=tuple(
            replace(
                row,
                title=cut(row.title),
                when=cut(row.when),
                cost=cut(row.cost),
                ask=cut(row.ask),
                impact=cut(row.impact),
                note=cut(row.note),
            )
            for row in message.rows
        ),
    )
