"""What a person asks of a blueprint: held against its schema, and references filled in.

Values come from strangers and end in playbooks and plans. A text passes only where the schema's
own pattern, or its list of choices, lets all of it through.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

from jsonschema import Draft202012Validator

from orchestration.domain.manifests import Manifest

# As Score writes it: ${resources.db.host}.
REFERENCE = re.compile(r"\$\{resources\.([a-z][a-z0-9-]{0,39})\.([a-z][a-z0-9_]{0,39})\}")
LONGEST = 500
_UNFIT = f"It has more than {LONGEST} characters, a line break, or a character that is not printed."
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")


class BadParameters(Exception):
    """Values that a blueprint does not take; `problems` by parameter ("" for the whole)."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = problems


def checked(manifest: Manifest, tier: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Defaults, the tier's values and the given ones together, the later over the earlier.

    A person may not change what the tier decides. A reference stands for an output that is not
    known yet, and so is not held against a pattern. Raises BadParameters.
    """
    sizes = {one.name: one for one in manifest.tiers}
    if tier not in sizes:
        raise BadParameters({"tier": f"There are {', '.join(sizes)}."})
    properties: Mapping[str, Any] = manifest.parameters.get("properties", {})
    defaults = {name: one["default"] for name, one in properties.items() if "default" in one}
    fixed = sizes[tier].parameters
    problems = {
        name: "The tier decides this; choose another tier." for name in given if name in fixed
    }
    values = {**defaults, **given, **fixed}
    problems |= _problems(manifest, values)
    if problems:
        raise BadParameters(problems)
    return values


def unfit_tiers(manifest: Manifest) -> tuple[str, ...]:
    """Which values of a tier, or which defaults, the blueprint's own schema does not take."""
    properties: Mapping[str, Any] = manifest.parameters.get("properties", {})
    defaults = {name: one["default"] for name, one in properties.items() if "default" in one}
    return tuple(
        f"tiers.{tier.name}.{name or 'parameters'}: {text}"
        for tier in manifest.tiers
        for name, text in _problems(
            manifest, {**defaults, **tier.parameters}, is_whole=False
        ).items()
    )


def _problems(
    manifest: Manifest, values: Mapping[str, Any], *, is_whole: bool = True
) -> dict[str, str]:
    found: dict[str, str] = {}
    plain = {name: value for name, value in values.items() if not _is_reference(value)}
    schema = dict(manifest.parameters)
    # A required value may be a reference.
    schema["required"] = [
        one for one in schema.get("required", []) if is_whole and one not in values
    ]
    # Which of them belong together is asked of references too.
    together: Mapping[str, list[str]] = schema.pop("dependentRequired", {})
    for name, others in together.items() if is_whole else ():
        found |= {
            one: f"{name} needs it too." for one in others if name in values and one not in values
        }
    # Looked at first: a pattern is not held against what is too long anyway.
    for name, value in list(plain.items()):
        if isinstance(value, str) and not _is_plain(value):
            found.setdefault(name, _UNFIT)
            del plain[name]
    for error in Draft202012Validator(schema).iter_errors(plain):
        name = str(error.path[0]) if error.path else ""
        found.setdefault(name, _words(error.message))
    return found


def _words(message: str) -> str:
    return f"{message[0].upper()}{message[1:200]}."


def _is_plain(value: str) -> bool:
    return len(value) <= LONGEST and value.isprintable()


def _is_reference(value: object) -> bool:
    return isinstance(value, str) and REFERENCE.fullmatch(value) is not None


def references(values: Mapping[str, Any]) -> set[tuple[str, str]]:
    """(resource, output) of every value that stands for an output of another resource."""
    return {
        (match[1], match[2])
        for value in values.values()
        if isinstance(value, str) and (match := REFERENCE.fullmatch(value))
    }


def beside(manifest: Manifest, others: Mapping[str, Manifest]) -> dict[str, str]:
    """References to what stands beside it, for parameters that name one: `beside: redis.host`.

    `others` by resource, in their order: the first one of a capability is taken, where it puts out
    everything of it that is asked for.
    """
    properties: Mapping[str, Any] = manifest.parameters.get("properties", {})
    asked: dict[str, dict[str, str]] = {}
    for name, terms in properties.items():
        capability, dot, output = str(terms.get("beside", "")).partition(".")
        if dot:
            asked.setdefault(capability, {})[name] = output
    found: dict[str, str] = {}
    for resource, other in list(others.items())[::-1]:
        wanted = asked.get(other.capability, {})
        if set(wanted.values()) <= {one.name for one in other.outputs}:
            found |= {name: f"${{resources.{resource}.{one}}}" for name, one in wanted.items()}
    return found


def unfit(
    manifest: Manifest,
    written: Mapping[str, Any],
    found: Mapping[str, Any],
    secret: Collection[str],
) -> dict[str, str]:
    """Which references became something that the schema does not take: outputs are strangers', too.

    `secret` are the names of those that are secret outputs. No person may write one, so patterns
    of theirs let nothing through; they have one line, or fit all the same. What stays as it was
    written is not looked at.
    """
    followed = {name: value for name, value in found.items() if value != written[name]}
    problems = {
        name: "What it refers to holds a line break or a character that is not printed."
        for name, value in followed.items()
        if not str(value).isprintable() and not (name in secret and _fits(manifest, name, value))
    }
    for name, value in followed.items():
        if name not in secret and not _fits(manifest, name, value):
            problems.setdefault(name, "What it refers to is not as this parameter has to be.")
    return {name: f"{name}: {text}" for name, text in problems.items()}


def _fits(manifest: Manifest, name: str, value: Any) -> bool:
    """Whether the schema takes it; outputs are texts, also where a number is wanted."""
    properties: Mapping[str, Any] = manifest.parameters.get("properties", {})
    terms = properties.get(name, {})
    if terms.get("type") in ("integer", "number") and isinstance(value, str):
        if not _NUMBER.fullmatch(value):
            return False
        value = float(value)
    return bool(Draft202012Validator(terms).is_valid(value))


def resolved(values: Mapping[str, Any], outputs: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """The values with every reference replaced. Raises BadParameters for one that leads nowhere."""
    found, problems = dict(values), {}
    for name, value in values.items():
        match = REFERENCE.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            continue
        try:
            found[name] = outputs[match[1]][match[2]]
        except KeyError:
            problems[name] = f"There is no output {match[2]} of a resource {match[1]}."
    if problems:
        raise BadParameters(problems)
    return found
