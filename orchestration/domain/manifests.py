"""The manifest of a blueprint, `blueprint.yml`: what it says, and the name of its content.

`docs/blueprints.md` describes it for people who write one. `read` turns what YAML gave into a
Manifest, or says everything that is wrong with it.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from orchestration.domain.capabilities import CAPABILITIES, Capability, Metric
from orchestration.domain.patterns import fault_of

SCHEMA = 1
NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
WORD = re.compile(r"[a-z][a-z0-9_]{0,39}")
CURRENCY = re.compile(r"[A-Z]{3}")
PATH = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*){0,5}")
# What a person can still review, and a row can hold (bytes, files).
MOST_BYTES = 512 * 1024
MOST_FILES = 100
MOST_TIERS = 10
MOST_COST = Decimal(1_000_000)
# The words of JSON Schema that are taken.
_OF_SCHEMA = frozenset(
    {"type", "title", "description", "additionalProperties", "required", "properties",
     "dependentRequired"}
)  # fmt: skip
_OF_PARAMETER = frozenset(
    {"type", "title", "description", "default", "pattern", "enum", "const", "minLength",
     "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
     "beside"}
)  # fmt: skip


class BadManifest(Exception):
    """A manifest that cannot be used; `problems` names every fault with its place."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Trigger:
    """When a tier has become too small: this share of a capacity for so many days."""

    metric: str
    above: float
    days: int


@dataclass(frozen=True, slots=True)
class Tier:
    """One size. `capacity` by metric; `parameters` are what the engine is given for it."""

    name: str
    title: str
    parameters: Mapping[str, Any]
    capacity: Mapping[str, float]
    monthly_cost: Decimal
    currency: str
    trigger: Trigger | None


@dataclass(frozen=True, slots=True)
class OutputTerms:
    """One output, and whether it is secret."""

    name: str
    is_secret: bool
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a blueprint declares. `parameters` is a JSON Schema (2020-12) of an object.

    `secrets` are the names of passwords that we make. `declares` are the things that it builds, as
    sentences with {parameter} in braces: the predicted plan of a fresh environment.
    `needs` are capabilities that another resource of the same environment must give.
    """

    name: str
    title: str
    capability: str
    engine: str
    summary: str
    parameters: Mapping[str, Any]
    # From small to large.
    tiers: tuple[Tier, ...]
    outputs: tuple[OutputTerms, ...]
    secrets: tuple[str, ...]
    declares: tuple[str, ...]
    programs: tuple[str, ...]
    needs: tuple[str, ...]
    # For the engine alone: file names, workflow names, ...
    engine_options: Mapping[str, Any]

    def tier(self, name: str) -> Tier:
        """Raises KeyError."""
        return {one.name: one for one in self.tiers}[name]


def digest_of(manifest: Mapping[str, Any], files: Mapping[str, str]) -> str:
    """The name of a version: SHA-256 over the manifest and every file with its path."""
    canonical = json.dumps(
        {"manifest": manifest, "files": dict(files)},
        sort_keys=True, separators=(",", ":"), ensure_ascii=False,
    )  # fmt: skip
    return "sha256:" + hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def read(document: object, files: Mapping[str, str] | None = None) -> Manifest:
    """The manifest that a document is. Raises BadManifest with everything that is wrong."""
    reader = _Reader()
    if files is not None:
        reader.look_at_files(files)
    manifest = reader.manifest(document)
    if reader.problems or manifest is None:
        raise BadManifest(tuple(reader.problems) or ("It is not a manifest.",))
    return manifest


@dataclass
class _Reader:
    """Collects problems, so that an author hears of all of them at once."""

    problems: list[str] = field(default_factory=list)

    def look_at_files(self, files: Mapping[str, str]) -> None:
        if len(files) > MOST_FILES:
            self.problems.append(f"A blueprint has at most {MOST_FILES} files.")
        if sum(len(text.encode("utf-8", "surrogatepass")) for text in files.values()) > MOST_BYTES:
            self.problems.append(f"A blueprint has at most {MOST_BYTES // 1024} KiB.")
        self.problems += [
            f"{path[:80]!r}: letters, digits, dots, dashes and slashes only, and no hidden files."
            for path in files
            if not PATH.fullmatch(path)
        ]

    def manifest(self, document: object) -> Manifest | None:
        if not isinstance(document, dict):
            self.problems.append("blueprint.yml holds names and values, such as “name: …”.")
            return None
        known = {"schema", *Manifest.__dataclass_fields__}
        self.problems += [
            f"{str(name)[:40]!r} is not known; take it away." for name in document
            if name not in known
        ]  # fmt: skip
        if document.get("schema") != SCHEMA:
            self.problems.append(f"schema: it must be {SCHEMA}.")
        capability = self.text(document, "capability", lambda text: text in list(Capability))
        return Manifest(
            name=self.text(document, "name", NAME.fullmatch),
            title=self.text(document, "title", lambda text: len(text) <= 120),
            capability=capability,
            engine=self.text(document, "engine", WORD.fullmatch),
            summary=self.text(document, "summary", lambda text: len(text) <= 1000),
            parameters=self.schema(document.get("parameters", {})),
            tiers=self.tiers(document.get("tiers")),
            outputs=self.outputs(document.get("outputs"), capability),
            secrets=self.names(document, "secrets", WORD),
            declares=self.names(document, "declares", re.compile(r".{1,200}")),
            programs=self.names(document, "programs", re.compile(r"[A-Za-z0-9._-]{1,60}")),
            needs=self.names(document, "needs", re.compile("|".join(Capability))),
            engine_options=self.mapping(document.get("engine_options", {}), "engine_options"),
        )

    def text(self, document: Mapping[Any, Any], name: str, fits: Callable[[str], object]) -> str:
        value = document.get(name)
        if not isinstance(value, str) or not value.strip() or not fits(value):
            self.problems.append(f"{name}: it is missing, or not as it has to be.")
            return ""
        return value

    def names(
        self, document: Mapping[Any, Any], name: str, pattern: re.Pattern[str]
    ) -> tuple[str, ...]:
        value = document.get(name, [])
        if not isinstance(value, list) or not all(
            isinstance(one, str) and pattern.fullmatch(one) for one in value
        ):
            self.problems.append(f"{name}: it must be a list of names.")
            return ()
        return tuple(value)

    def mapping(self, value: object, name: str) -> Mapping[str, Any]:
        if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
            self.problems.append(f"{name}: it must hold names and values.")
            return {}
        return value

    def schema(self, value: object) -> Mapping[str, Any]:
        """A JSON Schema of an object without references, and with every text bounded."""
        schema = self.mapping(value, "parameters")
        if not schema:
            return {"type": "object", "properties": {}, "additionalProperties": False}
        if "$ref" in json.dumps(schema) or "$dynamicRef" in json.dumps(schema):
            self.problems.append("parameters: references to other schemas are not taken.")
            return {}
        try:
            Draft202012Validator.check_schema(schema)
        except SchemaError as error:
            self.problems.append(f"parameters: no JSON Schema: {error.message[:200]}.")
            return {}
        if schema.get("type") != "object" or schema.get("additionalProperties") is not False:
            self.problems.append(
                "parameters: it needs “type: object” and “additionalProperties: false”."
            )
        self.known(schema, _OF_SCHEMA, "parameters")
        for name, terms in self.mapping(schema.get("properties", {}), "parameters").items():
            self.bounded(name, terms)
        return schema

    def known(self, terms: Mapping[str, Any], words: frozenset[str], place: str) -> None:
        """What is checked is all that there is: other words could let in what was not looked at."""
        unknown = sorted(str(name)[:40] for name in terms if name not in words)
        if unknown:
            self.problems.append(f"{place}: {', '.join(unknown)}: that is not taken.")

    def bounded(self, name: str, terms: object) -> None:
        if not WORD.fullmatch(name) or not isinstance(terms, dict):
            self.problems.append(f"parameters: {name[:40]!r} is no name with its terms.")
            return
        self.known(terms, _OF_PARAMETER, f"parameters.{name}")
        if terms.get("type") == "string" and not ({"enum", "const"} & set(terms)):
            pattern = str(terms.get("pattern", ""))
            if not pattern:
                self.problems.append(
                    f"parameters: {name} is a text and needs a pattern from ^ to $, or an enum."
                )
        elif terms.get("type") not in ("string", "integer", "number", "boolean"):
            self.problems.append(f"parameters: {name} must be a text, a number or yes and no.")
        if fault := fault_of(str(terms["pattern"])) if "pattern" in terms else "":
            self.problems.append(f"parameters: the pattern of {name}: {fault}.")

    def outputs(self, value: object, capability: str) -> tuple[OutputTerms, ...]:
        found = []
        for name, terms in self.mapping(value if value is not None else {}, "outputs").items():
            about = terms if isinstance(terms, dict) else {}
            if not WORD.fullmatch(name):
                self.problems.append(f"outputs: {name[:40]!r} is no name.")
            found.append(
                OutputTerms(name, about.get("secret") is True, str(about.get("meaning", ""))[:200])
            )
        if capability in list(Capability):
            self.complete(found, capability)
        return tuple(found)

    def complete(self, found: list[OutputTerms], capability: str) -> None:
        terms = CAPABILITIES[Capability(capability)]
        missing = [name for name in terms.outputs if name not in {one.name for one in found}]
        if missing:
            self.problems.append(f"outputs: {capability} also puts out {', '.join(missing)}.")
        clear = [
            one.name for one in found if one.name in terms.secret_outputs and not one.is_secret
        ]
        if clear:
            self.problems.append(f"outputs: {', '.join(clear)} must be “secret: true”.")

    def tiers(self, value: object) -> tuple[Tier, ...]:
        tiers = self.mapping(value if value is not None else {}, "tiers")
        if not 1 <= len(tiers) <= MOST_TIERS:
            self.problems.append(f"tiers: there are 1 to {MOST_TIERS}, from small to large.")
        found = [one for name, terms in tiers.items() if (one := self.tier(name, terms))]
        if len({one.currency for one in found}) > 1:
            self.problems.append("tiers: all costs are in one currency.")
        # Databases do not keep the order of names: their sizes give it.
        found.sort(key=lambda one: (sum(one.capacity.values()), one.monthly_cost, one.name))
        if any(not _is_larger(one.capacity, other.capacity) for one, other in pairwise(found)):
            self.problems.append("tiers: each has the same capacities, none less than a smaller's.")
        return tuple(found)

    def tier(self, name: str, terms: object) -> Tier | None:
        if not NAME.fullmatch(name) or not isinstance(terms, dict):
            self.problems.append(f"tiers: {name[:40]!r} is no name with its terms.")
            return None
        place = f"tiers.{name}"
        currency = str(terms.get("currency", ""))
        if not CURRENCY.fullmatch(currency):
            self.problems.append(f"{place}.currency: three letters, such as EUR.")
        capacity = self.capacity(terms.get("capacity"), place)
        return Tier(
            name=name,
            title=str(terms.get("title") or name.capitalize())[:60],
            parameters=self.mapping(terms.get("parameters", {}), f"{place}.parameters"),
            capacity=capacity,
            monthly_cost=self.cost(terms.get("monthly_cost"), place),
            currency=currency,
            trigger=self.trigger(terms.get("trigger"), capacity, place),
        )

    def capacity(self, value: object, place: str) -> dict[str, float]:
        found = self.mapping(value if value is not None else {}, f"{place}.capacity")
        is_sound = bool(found) and all(
            name in list(Metric) and _is_number(amount) and amount > 0
            for name, amount in found.items()
        )
        if not is_sound:
            self.problems.append(
                f"{place}.capacity: at least one of {', '.join(Metric)}, each above nothing."
            )
            return {}
        # In one order, whatever the database made of it.
        return {one.value: float(found[one]) for one in Metric if one in found}

    def cost(self, value: object, place: str) -> Decimal:
        try:
            cost = Decimal(str(value))
        except InvalidOperation:
            cost = Decimal("NaN")
        if not (cost.is_finite() and 0 <= cost <= MOST_COST):
            self.problems.append(f'{place}.monthly_cost: an amount, such as "25.00".')
            return Decimal(0)
        return cost.quantize(Decimal("0.01"))

    def trigger(self, value: object, capacity: Mapping[str, float], place: str) -> Trigger | None:
        if value is None:
            return None
        terms = self.mapping(value, f"{place}.trigger")
        metric: Any = terms.get("metric")
        above: Any = terms.get("above")
        days: Any = terms.get("days")
        is_sound = (
            isinstance(metric, str)
            and metric in capacity
            and _is_number(above)
            and 0 < above <= 1
            and isinstance(days, int)
            and not isinstance(days, bool)
            and 1 <= days <= 90
        )
        if not is_sound:
            self.problems.append(
                f"{place}.trigger: a metric of the capacity, above 0 to 1, for 1 to 90 days."
            )
            return None
        return Trigger(metric, float(above), days)


def _is_larger(one: Mapping[str, float], other: Mapping[str, float]) -> bool:
    return one.keys() == other.keys() and all(other[name] >= one[name] for name in one)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value
