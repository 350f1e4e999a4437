"""A pattern of a stranger spans the whole text and takes nobody's time."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from orchestration.domain.documents import load
from orchestration.domain.manifests import BadManifest, read
from orchestration.domain.patterns import fault_of
from tests.fakes.small_engine import MANIFEST

CATALOGUE = Path(settings.BASE_DIR) / "orchestration" / "catalogue"
OURS = sorted(
    {
        terms["pattern"]
        for path in CATALOGUE.glob("*/blueprint.yml")
        for terms in yaml.safe_load(path.read_text())["parameters"]["properties"].values()
        if "pattern" in terms
    }
)


@pytest.mark.parametrize(
    "pattern",
    [
        *OURS,
        r"^[a-z.]+@[a-z.-]+\.[a-z]+$",
        r"^([0-9]{1,3}\.){3}[0-9]{1,3}$",
        r"^(a|bc|d){1,5}$",
        r"^(eu|us)-(west|east)-[1-3]$",
        r"^\(?[0-9]{3,8}\)?$",
        r"^[]a-z\]|]{1,5}$",
        r"^v?(?P<major>[0-9]{1,3})\.[0-9]{1,3}$",
        "^$",
    ],
)
def test_what_is_decided_in_a_moment_is_taken(pattern: str) -> None:
    assert fault_of(pattern) == ""
    # Were it not decided in a moment, this would never end.
    for text in ("a" * 500, "1" * 500, "a.@" * 160, "((" * 250, "/" * 500):
        re.search(pattern, f"{text}!")


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("^a|b$", "parentheses"),
        ("^.*|$", "parentheses"),
        ("^(a+)+$", "repeats what repeats"),
        ("^(a|a)*$", "repeats what repeats"),
        ("^((a?)b?){30}$", "repeats what repeats"),
        ("^(?:(?:a*))*$", "repeats what repeats"),
        ("^([(]a+)+$", "repeats what repeats"),
        ("^(a{1,50}){2,}?$", "repeats what repeats"),
        ("^(a{1,20}){10}$", "repeats what repeats"),
        ("^(a|a|a){20}$", "repeats what repeats"),
        ("^.*.*.*.*$", "long repeats"),
        ("^a{0,99}a{0,99}a{0,99}a{0,99}$", "long repeats"),
        ("^(a)\\1$", "fitted before"),
        ("^(?P<x>a)(?P=x)$", "groups"),
        ("^(?x:(a +) *)$", "groups"),
        ("^(a)(?(1)b|c)$", "groups"),
        ("a$", "from"),
        ("^a\\$", "from"),
        ("^" + "a" * 400 + "$", "longer"),
    ],
)
def test_what_is_not_is_refused_in_words(pattern: str, said: str) -> None:
    assert said in fault_of(pattern)


@pytest.mark.parametrize(
    ("changes", "terms"),
    [
        ({"patternProperties": {".*": {"type": "string"}}}, {}),
        ({"propertyNames": {"pattern": "(a+)+$"}}, {}),
        ({"allOf": [{"required": ["a"]}]}, {}),
        ({}, {"anyOf": [{"pattern": "(a+)+$"}]}),
        ({}, {"format": "uri"}),
        ({}, {"pattern": "^(a+)+$"}),
        ({}, {"enum": ["a"], "pattern": "^(a+)+$"}),
    ],
)
def test_a_schema_has_no_other_words(changes: dict[str, Any], terms: dict[str, Any]) -> None:
    word = {"type": "string", "pattern": "^a$", **terms}
    schema = {
        "type": "object", "additionalProperties": False, "properties": {"word": word}, **changes,
    }  # fmt: skip
    with pytest.raises(BadManifest):
        read({**MANIFEST, "parameters": schema, "tiers": {"small": TIER}})


TIER = {"capacity": {"users": 1}, "monthly_cost": "1", "currency": "EUR"}


@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\u200b", "\u2028", "\x85", "\U000e0041"])
def test_nothing_stands_there_otherwise_than_it_is_read(sign: str) -> None:
    with pytest.raises(BadManifest, match="not seen"):
        load(f'title: "a\\U{ord(sign):08x}b"')
