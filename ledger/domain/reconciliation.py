"""What the marks in a complete tree mean for the register.

The identity of a debt is its id in its repository; path, line and text are attributes, so moves,
renames and edits are free. A decision made by a person beats a rescan: what somebody changed here
is not overwritten, and what an annotation says after acceptance about owner, date or price is
kept as a difference to look at, since only the register's own steps may change a promise.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Self

from ledger.domain import payloads
from ledger.domain.annotations import Annotation, Mark, Unregistered
from ledger.domain.estimates import EstimateDraft
from ledger.domain.evidence import EvidenceDraft
from ledger.domain.grounds import Grounds, item_grounds
from ledger.domain.history import Json
from ledger.domain.plans import PlanDraft
from ledger.domain.terms import (
    ACCEPTED_STATES,
    CommitmentKind,
    Confidence,
    EventType,
    EvidenceKind,
    Origin,
    Resolution,
    Severity,
    State,
)

# Field of the item <- key of the annotation, for what follows the annotation until acceptance.
_FOLLOWING = {
    "owner": "owner",
    "severity": "severity",
    "exit_condition": "exit",
    "external_reference": "ref",
}

TITLE_CHARACTERS = 120
# Before a small letter a full stop ends an abbreviation, as in "e.g. carts".
_SENTENCE_END = re.compile(r"(?<=[.!?]) (?![a-z])")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an annotation stands."""

    path: str
    line: int
    end_line: int
    text_hash: str


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done for one id; without a type only the place is noted."""

    slug: str
    type: EventType | None
    payload: Json
    place: Place | None


@dataclass(frozen=True, slots=True)
class Rollback:
    """The commit with which the change that brought a debt went, and a sentence that says so."""

    commit: str
    reason: str

    @classmethod
    def by(cls, commit: str) -> Self:
        return cls(commit, f"Commit {commit} takes back the one that brought this debt.")

    @classmethod
    def by_rewriting(cls, commit: str) -> Self:
        return cls(
            commit,
            "The branch was rewritten without the commit that brought this debt; its tip is now "
            f"{commit}.",
        )


@dataclass(frozen=True, slots=True)
class Tree:
    """A complete tree of the default branch, with the moment and day it is registered."""

    repository: int
    head: str
    marks: tuple[Mark, ...]
    now: datetime
    today: date
    # The ids whose annotation went because the change that brought it was taken back.
    rolled_back: Mapping[str, Rollback] = field(default_factory=dict)


def reconcile(known: Mapping[str, Mapping[str, Any]], tree: Tree) -> Iterator[Step]:
    """The steps from the known items (fields by id) to what the tree shows; none if they agree."""
    annotations = {mark.slug: mark for mark in tree.marks if isinstance(mark, Annotation)}
    for slug, annotation in annotations.items():
        if slug not in known:
            yield _first_seen(annotation, tree)
        else:
            yield _seen_again(annotation, known[slug])
    # An id that could be read in a malformed or doubled annotation is not gone.
    mentioned = {mark.slug for mark in tree.marks if isinstance(mark, Unregistered)}
    for slug in sorted(known.keys() - annotations.keys() - mentioned):
        if known[slug]["present"]:
            yield _left(slug, known[slug], tree)


def differences(fields: Mapping[str, Any]) -> Iterator[str]:
    """Sentences about what the annotation says other than the register."""
    said = fields["annotation"]
    if not said or not fields["present"]:
        return
    if said["expires_on"] != fields["due_on"]:
        yield (
            f"The annotation says {said['expires_on']}, the promise is {fields['due_on']}: "
            "extend it here, or correct the annotation."
        )
    for name, key in _FOLLOWING.items():
        if said[key] and said[key] != fields[name]:
            ours = fields[name] or "nothing"
            yield f"The annotation says {key}={said[key]}, the register says {ours}."


def title_of(text: str) -> str:
    """The first sentence of an annotation's text, without its full stop, cut at a word."""
    sentence = _SENTENCE_END.split(" ".join(text.split()), maxsplit=1)[0]
    if not sentence.endswith(".."):
        sentence = sentence.removesuffix(".") or sentence
    if len(sentence) > TITLE_CHARACTERS:
        cut = sentence[:TITLE_CHARACTERS].rpartition(" ")[0] or sentence[: TITLE_CHARACTERS - 1]
        sentence = f"{cut}…"
    return sentence[:1].title() + sentence[1:]


def content_of(annotation: Annotation) -> Json:
    """What an annotation says, without its place."""
    cost = annotation.principal
    return {
        "owner": annotation.owner,
        "expires_on": annotation.expires_on.isoformat(),
        "text": annotation.text,
        "severity": annotation.severity.value if annotation.severity else "",
        "cost": [
            payloads.hours(value) for value in (cost.optimistic, cost.likely, cost.pessimistic)
        ]
        if cost
        else [],
        "ref": annotation.reference,
        "impact": annotation.impact,
        "plan": annotation.plan,
        "exit": annotation.exit_condition,
    }


def _place(annotation: Annotation) -> Place:
    digest = hashlib.sha256(annotation.text.encode()).hexdigest()
    return Place(annotation.path, annotation.line, annotation.end_line, digest)


def _first_seen(annotation: Annotation, tree: Tree) -> Step:
    payload: Json = {
        "set": {
            "repository": tree.repository,
            "slug": annotation.slug,
            "origin": Origin.ANNOTATION.value,
            "state": State.PROPOSED.value,
            "title": title_of(annotation.text),
            "text": annotation.text,
            "owner": annotation.owner,
            "severity": (annotation.severity or Severity.MEDIUM).value,
            "confidence": Confidence.MEDIUM.value,
            "exit_condition": annotation.exit_condition,
            "external_reference": annotation.reference,
            "path": annotation.path,
            "present": True,
            "annotation": content_of(annotation),
            "recorded_at": tree.now.isoformat(),
        },
        "commitment": payloads.commitment(
            kind=CommitmentKind.PROMISE, due_on=annotation.expires_on
        ),
        "head": tree.head,
        **_described(annotation),
    }
    return Step(annotation.slug, EventType.RECORDED, payload, _place(annotation))


def _described(annotation: Annotation) -> Json:
    """The statement, estimate and plan that an annotation gives."""
    parts: Json = {}
    if annotation.impact:
        parts["statement"] = payloads.statement(annotation.impact, _grounds(annotation))
    if annotation.principal:
        parts["estimate"] = payloads.estimate(EstimateDraft(principal=annotation.principal))
    if annotation.plan:
        parts["plan"] = payloads.plan(PlanDraft(summary=annotation.plan))
    return parts


def _grounds(annotation: Annotation) -> Grounds:
    """What the numbers in an annotation's impact may rest on: its own date and cost."""
    fields = {"due_on": annotation.expires_on.isoformat()}
    cost = payloads.estimate(EstimateDraft(principal=annotation.principal))
    facts, promised = item_grounds(fields, cost)
    return Grounds(facts, promised)


def _seen_again(annotation: Annotation, fields: Mapping[str, Any]) -> Step:
    place = _place(annotation)
    changes = _moved_or_edited(annotation, fields)
    extra = _still_proposed(annotation, fields) if fields["state"] == State.PROPOSED else {}
    changes.update(extra.pop("set", {}))
    if _is_back(fields):
        changes.update(reopened(fields))
        return Step(
            annotation.slug, EventType.ANNOTATION_RETURNED, {"set": changes, **extra}, place
        )
    kind = EventType.ANNOTATION_CHANGED if changes or extra else None
    return Step(annotation.slug, kind, {"set": changes, **extra}, place)


def _moved_or_edited(annotation: Annotation, fields: Mapping[str, Any]) -> Json:
    """What follows the annotation in every state: place, presence and, unless edited here, text."""
    changes: Json = {"path": annotation.path, "present": True, "annotation": content_of(annotation)}
    before = fields["annotation"].get("text", "")
    if before and fields["text"] == before:
        changes["text"] = annotation.text
    if before and fields["title"] == title_of(before):
        changes["title"] = title_of(annotation.text)
    return {name: value for name, value in changes.items() if fields[name] != value}


def _still_proposed(annotation: Annotation, fields: Mapping[str, Any]) -> Json:
    """What follows an edited annotation until acceptance, unless a person changed it here."""
    before, now = fields["annotation"], content_of(annotation)
    if not before or before == now:
        return {}
    changes = {
        field: now[key] or ("medium" if field == "severity" else "")
        for field, key in _FOLLOWING.items()
        if before[key] != now[key] and fields[field] in (before[key], before[key] or "medium")
    }
    parts: Json = {"set": changes}
    if before["expires_on"] != now["expires_on"] and fields["due_on"] == before["expires_on"]:
        parts["commitment"] = payloads.commitment(
            kind=CommitmentKind.REVISION,
            due_on=annotation.expires_on,
            reason="The annotation was changed before the debt was accepted.",
        )
    if before["impact"] != now["impact"] and now["impact"] and fields["impact"] == before["impact"]:
        parts["statement"] = payloads.statement(now["impact"], _grounds(annotation))
    return parts


def _is_back(fields: Mapping[str, Any]) -> bool:
    """Whether the reappearance of an annotation that had left reopens its debt."""
    is_reopenable = fields["state"] in (State.REPAID, State.VERIFIED, State.ROLLED_BACK)
    return fields["present"] is False and is_reopenable


def reopened(fields: Mapping[str, Any]) -> Json:
    """Debt that was paid relapses; debt that merely went away is as it was before."""
    if fields["resolution"] == Resolution.PAID or not fields["closed_from"]:
        state = State.REPAYING.value
    else:
        state = fields["closed_from"]
    return {"state": state, "closed_from": "", "resolution": "", "repaid_on": None}


def _left(slug: str, fields: Mapping[str, Any], tree: Tree) -> Step:
    changes: Json = {"present": False}
    payload: Json = {"set": changes, "head": tree.head}
    state = State(fields["state"])
    is_open = state is State.PROPOSED or state in ACCEPTED_STATES
    if is_open and slug in tree.rolled_back:
        return _rolled_back(slug, state, tree)
    if is_open:
        is_payment = state is State.REPAYING
        changes.update(
            state=State.REPAID.value,
            resolution=(Resolution.PAID if is_payment else Resolution.REMOVED).value,
            closed_from=state.value,
            repaid_on=tree.today.isoformat(),
        )
        payload["evidence"] = payloads.evidence(
            EvidenceDraft(
                EvidenceKind.ANNOTATION_LEFT,
                tree.head,
                "The annotation is no longer in the default branch.",
            )
        )
    return Step(slug, EventType.ANNOTATION_LEFT, payload, None)


def _rolled_back(slug: str, state: State, tree: Tree) -> Step:
    revert = tree.rolled_back[slug]
    payload: Json = {
        "set": {
            "present": False,
            "state": State.ROLLED_BACK.value,
            "closed_from": state.value,
        },
        "head": tree.head,
        "reason": revert.reason,
        "evidence": payloads.evidence(
            EvidenceDraft(
                EvidenceKind.ANNOTATION_LEFT,
                revert.commit,
                "The annotation left with the change that had brought it.",
            )
        ),
    }
    return Step(slug, EventType.ROLLED_BACK, payload, None)


def rejected(marks: Iterable[Mark]) -> list[Unregistered]:
    """The marks that are no registered debt, for their authors."""
    return [mark for mark in marks if isinstance(mark, Unregistered)]
