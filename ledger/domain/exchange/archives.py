"""The whole ledger as one JSON document, an item to a line, and checking such a document alone.

    {"schema": 1, "kind": "displace-ledger", "exported_at": "...", "repositories": [...], "items": [
    {"reference": "D-000001", "key": "...", "fields": {...}, "series": {...}, "events": [...], ...},
    ...
    ], "totals": {"items": 2, "events": 5}, "digest": "..."}

Items come by number, events and series by sequence, keys in a fixed order. Each event's hash
covers the event before it, as in the database; `digest` chains the items' last hashes, so that
an item that was taken out shows.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from common import hashchain
from ledger.domain.exchange.documents import json_value, refused
from ledger.domain.history import INITIAL, SERIES, Json, event_body, event_hash, rebuild

SCHEMA = 1
KIND = "displace-ledger"
# A document that is not laid out an item to a line is read as a whole, up to here (characters).
MOST_WHOLE = 64 << 20
MOST_ITEM = 64 << 20


@dataclass(frozen=True, slots=True)
class ArchiveBreak:
    """The first thing wrong with an item of a document; event 0 means the item's own state."""

    reference: str
    event: int
    problem: str

    def __str__(self) -> str:
        place = f"event {self.event}" if self.event else "the stored state"
        return f"{self.reference}, {place}: {self.problem}"


@dataclass(frozen=True, slots=True)
class ArchiveCheck:
    """How much of a document was checked, and what is broken in it."""

    items: int
    events: int
    breaks: tuple[ArchiveBreak, ...]
    problems: tuple[str, ...] = ()


def lines(head: Json, items: Iterable[Json]) -> Iterator[str]:
    """The document, a line at a time."""
    opening = _json({"schema": SCHEMA, "kind": KIND, **head})
    yield f'{opening[:-1]},"items":[\n'
    count = events = 0
    digest = hashchain.GENESIS
    for item in items:
        yield (",\n" if count else "") + _json(item)
        count, events = count + 1, events + len(item["events"])
        digest = _chained(digest, item)
    ending = _json({"totals": {"items": count, "events": events}, "digest": digest})
    yield ("\n" if count else "") + f"],{ending[1:]}\n"


def check(document: Iterable[str], *, most_breaks: int = 1) -> ArchiveCheck:
    """Check every chain, that it adds up to what the item says, the order, totals and digest.

    Raises Refused (field "file") for what is no such document.
    """
    ending: Json = {}
    count = events = last = 0
    digest = hashchain.GENESIS
    breaks: list[ArchiveBreak] = []
    for kind, value in _parts(document):
        if kind == "ending":
            ending = value
            continue
        count += 1
        found = _broken(value)
        number = int(value["reference"].removeprefix("D-")) if found is None else last + 1
        if found is None and number <= last:
            found = ArchiveBreak(value["reference"], 0, "stands out of order")
        last = max(last, number)
        if found is not None:
            breaks.append(found)
            if len(breaks) >= most_breaks:
                return ArchiveCheck(count, events, tuple(breaks))
            continue
        events += len(value["events"])
        digest = _chained(digest, value)
    problems = () if breaks else tuple(_problems(ending, count, events, digest))
    return ArchiveCheck(count, events, tuple(breaks), problems)


def heads(document: Iterable[str]) -> Iterator[tuple[str, str, int, str]]:
    """Reference, key, number of events and last hash of each item."""
    for kind, value in _parts(document):
        if kind == "item":
            yield value["reference"], value["key"], value["version"], value["history_head"]


def _parts(document: Iterable[str]) -> Iterator[tuple[str, Json]]:
    """The items and then what follows them; the first line is checked on the way."""
    source = iter(document)
    first = next(source, "")
    if not first.rstrip().endswith('"items":['):
        yield from _whole(first, source)
        return
    _require_kind(_object(f"{first.rstrip()}]}}"))
    for text in source:
        if len(text) > MOST_ITEM:
            refused("A line of the file is too long for an item.")
        line = text.strip()
        if line.startswith("],"):
            yield "ending", _object(f"{{{line.removeprefix('],')}")
            if next((rest for rest in source if rest.strip()), None) is not None:
                refused("Something follows the end of the document.")
            return
        yield "item", _object(line.removesuffix(","))
    refused("The file ends before the document does; export it again.")


def _whole(first: str, rest: Iterator[str]) -> Iterator[tuple[str, Json]]:
    parts, size = [first], len(first)
    for text in rest:
        parts.append(text)
        size += len(text)
        if size > MOST_WHOLE:
            refused("The file is no export of this ledger, which has an item to a line.")
    document = _object("".join(parts))
    _require_kind(document)
    items = document.get("items")
    if not isinstance(items, list):
        refused("The file has no list of items.")
    for item in items:
        yield "item", item if isinstance(item, dict) else {}
    yield "ending", document


def _object(text: str) -> Json:
    value = json_value(text)
    if not isinstance(value, dict):
        refused("The file is no export of the ledger.")
    return value


def _require_kind(head: Mapping[str, Any]) -> None:
    if head.get("kind") != KIND:
        refused("The file is no export of the ledger.")
    if head.get("schema") != SCHEMA:
        refused(f"The file has the schema {str(head.get('schema'))[:20]}; this reads {SCHEMA}.")


def _broken(item: Json) -> ArchiveBreak | None:
    """The first thing wrong with an item; a document of a stranger may lack anything."""
    reference = item.get("reference")
    if not isinstance(reference, str) or not reference.removeprefix("D-").isdecimal():
        return ArchiveBreak("an item", 0, "has no reference")
    try:
        return _broken_event(item, reference) or _broken_state(item, reference)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return ArchiveBreak(
            reference[:20], 0, f"lacks something or has a wrong type ({error!r:.80})"
        )


def _broken_event(item: Json, reference: str) -> ArchiveBreak | None:
    previous = hashchain.GENESIS
    for expected, event in enumerate(item["events"], start=1):
        if event["sequence"] != expected:
            return ArchiveBreak(reference, expected, "is missing or out of order")
        if event["previous_hash"] != previous:
            return ArchiveBreak(reference, expected, "does not continue the event before it")
        body = event_body(
            key=item["key"],
            sequence=expected,
            kind=event["type"],
            at=datetime.fromisoformat(event["at"]),
            actor_id=event["actor"],
            actor_name=event["actor_name"],
            payload=event["payload"],
        )
        if event["hash"] != event_hash(previous, body):
            return ArchiveBreak(reference, expected, "was changed after it was written")
        previous = event["hash"]
    if len(item["events"]) != item["version"]:
        problem = f"is missing of {item['version']} events"
        return ArchiveBreak(reference, len(item["events"]) + 1, problem)
    if previous != item["history_head"]:
        return ArchiveBreak(
            reference, len(item["events"]), "is not the one that the item ends with"
        )
    return None


def _broken_state(item: Json, reference: str) -> ArchiveBreak | None:
    rebuilt = rebuild(event["payload"] for event in item["events"])
    for name, value in rebuilt.fields.items():
        # An older export does not know the fields of today.
        stated = item["fields"].get(name, INITIAL[name])
        if stated != value:
            return ArchiveBreak(reference, 0, f"{name} is {stated!r:.80}, not {value!r:.80}")
    for name in SERIES:
        stated = [comparable(name, value) for value in item["series"][name]]
        if stated != [comparable(name, value) for value in rebuilt.series[name]]:
            return ArchiveBreak(reference, 0, f"the rows of {name} differ from the history")
    return None


def comparable(name: str, value: Json) -> Json:
    """What an event says of a series, as the row of today holds it."""
    if name == "statement":
        # The first events were written before statements kept their evidence.
        return {"bindings": [], **value}
    if name == "plan":
        # The first events were written before plans said what they need.
        return {"needs": [], **value}
    if name != "estimate":
        return value
    # The first events were written before estimates had a time saved; the principal is the item's.
    known = {"time_saved": None, **value}
    return {key: part for key, part in known.items() if key != "principal"}


def _problems(ending: Json, items: int, events: int, digest: str) -> Iterator[str]:
    if ending.get("totals") != {"items": items, "events": events}:
        yield f"The totals of the file are not those of its {items:,} items."
    if ending.get("digest") != digest:
        yield "The digest does not fit: an item was added or taken out."


def _chained(digest: str, item: Json) -> str:
    return hashchain.link(digest, {name: item[name] for name in ("key", "version", "history_head")})


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
