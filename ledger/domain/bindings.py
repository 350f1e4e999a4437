"""Sentences with their evidence: a template, and each of its slots bound to what was measured.

A binding holds all that a sentence was made from, so that the text can be made again, word for
word, without looking anything up.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from ledger.domain.families_text import TEMPLATES, render
from ledger.domain.grounds import Fact

MOST_BINDINGS = 20
# The sources of slots that are facts of the item itself.
PROMISES = "the promises of this debt"
ESTIMATE = "the estimate of this debt"
# How the nouns behind a number are called in the templates, by the unit of its slot.
_NOUNS: Mapping[str, tuple[str, ...]] = {
    "changes": ("change", "commit", "update"),
    "releases": ("release", "deployment", "launch"),
    "people": ("colleague", "person", "people", "developer"),
    "files": ("file", "part"),
}


@dataclass(frozen=True, slots=True)
class Slot:
    """A value as text with its unit; `window`, `n` and `source` say what it rests on."""

    value: str
    unit: str
    window: str = ""
    n: int | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Binding:
    """A sentence as it was offered; `about` names the repository and path it was measured at."""

    template: str
    locale: str
    slots: Mapping[str, Slot]
    about: Mapping[str, Any]

    @property
    def text(self) -> str:
        """The sentence, made again from the slots."""
        values = {name: (slot.value, slot.unit) for name, slot in self.slots.items()}
        return render(self.template, self.locale, values)

    @property
    def family(self) -> str:
        return self.template.split(".")[0]

    @property
    def audience(self) -> str:
        return self.template.split(".")[1]


def retold(binding: Binding, audience: str) -> Binding | None:
    """The same facts in the words of another audience, or None where they have no words for it."""
    family, _audience, number = binding.template.split(".")
    template = f"{family}.{audience}.{number}"
    return replace(binding, template=template) if template in TEMPLATES else None


def as_json(binding: Binding) -> dict[str, Any]:
    """The binding as it is stored with a statement."""
    return {
        "template": binding.template,
        "locale": binding.locale,
        "about": dict(binding.about),
        "slots": {
            name: {
                "value": slot.value,
                "unit": slot.unit,
                "window": slot.window,
                "n": slot.n,
                "source": slot.source,
            }
            for name, slot in binding.slots.items()
        },
    }


def from_json(stored: Mapping[str, Any]) -> Binding:
    """A stored binding; ValueError for one that no version of this program has written."""
    try:
        slots = {name: Slot(**slot) for name, slot in stored["slots"].items()}
        binding = Binding(stored["template"], stored["locale"], slots, dict(stored["about"]))
        _ = binding.text
    except (KeyError, TypeError, AttributeError, ValueError, IndexError, InvalidOperation) as error:
        raise ValueError("not a binding of a statement") from error
    return binding


def standing(text: str, bindings: Iterable[Binding]) -> Iterator[Binding]:
    """The bindings whose sentence stands in the text word for word, each once."""
    seen: set[str] = set()
    for binding in bindings:
        sentence = binding.text
        if sentence in text and sentence not in seen:
            seen.add(sentence)
            yield binding


def is_current(binding: Binding, facts: Iterable[Fact], promised: Iterable[date]) -> bool:
    """Whether what a sentence says of the item itself is what the item says now.

    What was measured in a snapshot stays true of that snapshot; a promised day and an estimate
    are the item's and may have changed since the sentence was offered. `promised` begins with
    the day in force.
    """
    days = [day.isoformat() for day in promised]
    hours = {fact.value for fact in facts if fact.unit == "hours"}
    for name, slot in binding.slots.items():
        if slot.source == PROMISES and name == "due" and slot.value not in days[:1]:
            return False
        if slot.source == PROMISES and name == "first" and slot.value not in days:
            return False
        if slot.source == ESTIMATE and slot.unit in {"hours", "working days"}:
            size = 8 if slot.unit == "working days" else 1
            if Decimal(slot.value) * size not in hours:
                return False
    return True


def facts_of(bindings: Iterable[Binding]) -> Iterator[Fact]:
    """The numbers of the bindings as facts, so that a reworded sentence keeps its evidence."""
    for binding in bindings:
        for slot in binding.slots.values():
            fact = _fact(slot)
            if fact is not None:
                yield fact


def _fact(slot: Slot) -> Fact | None:
    try:
        value = Decimal(slot.value)
    except InvalidOperation:
        return None
    if slot.unit in _NOUNS:
        return Fact(value, "", slot.source, _NOUNS[slot.unit])
    if slot.unit == "%":
        return Fact(value, "%", slot.source)
    if slot.unit == "money":
        return Fact(value, "money", slot.source)
    if slot.unit in {"hours", "working days"}:
        return Fact(value * (8 if slot.unit == "working days" else 1), "hours", slot.source)
    return None
