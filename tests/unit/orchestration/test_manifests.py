"""Blueprints come from strangers: all that is wrong is said, and nothing odd gets through."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.domain.manifests import BadManifest, digest_of, read
from orchestration.domain.parameters import (
    BadParameters,
    beside,
    checked,
    references,
    resolved,
    unfit_tiers,
)

GOOD: dict[str, Any] = {
    "schema": 1,
    "name": "cache",
    "title": "A cache",
    "capability": "redis",
    "engine": "ansible",
    "summary": "Redis on this host.",
    "parameters": {
        "type": "object",
        "additionalProperties": False,
        "required": ["label"],
        "properties": {
            "label": {"type": "string", "pattern": "^[a-z]{1,10}$"},
            "upstream": {"type": "string", "pattern": "^[a-z.]{1,40}$"},
            "memory_mb": {"type": "integer", "minimum": 1, "maximum": 4096},
            "persists": {"type": "boolean", "default": True},
        },
    },
    "secrets": ["password"],
    "declares": ["Redis with {memory_mb} MB"],
    "outputs": {
        "host": {}, "port": {}, "username": {}, "password": {"secret": True},
    },
    "tiers": {
        "small": {
            "parameters": {"memory_mb": 64},
            "capacity": {"connections": 100},
            "monthly_cost": "5",
            "currency": "EUR",
            "trigger": {"metric": "connections", "above": 0.7, "days": 7},
        },
    },
}  # fmt: skip


def test_a_manifest_says_what_it_says() -> None:
    manifest = read(GOOD, {"provision.yml": "- hosts: all"})
    assert manifest.tier("small").monthly_cost == 5
    assert manifest.tier("small").trigger is not None
    assert [one.name for one in manifest.outputs if one.is_secret] == ["password"]


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (["schema"], 2, "schema"),
        (["name"], "../up", "name"),
        (["capability"], "moon", "capability"),
        (["shell"], "rm", "not known"),
        (["parameters", "additionalProperties"], True, "additionalProperties"),
        (["parameters", "properties", "label"], {"type": "string"}, "pattern"),
        (["parameters", "properties", "label"], {"type": "string", "pattern": "[a-z]"}, "pattern"),
        (["parameters", "properties", "label"], {"$ref": "http://inside/"}, "references"),
        (["parameters", "properties", "label"], {"type": "array"}, "must be a text"),
        (["outputs", "password"], {}, "secret"),
        (["outputs"], {"host": {}}, "port"),
        (["tiers"], {}, "tiers"),
        (["tiers", "small", "monthly_cost"], "NaN", "monthly_cost"),
        (["tiers", "small", "capacity"], {"connections": float("nan")}, "capacity"),
        (["tiers", "small", "trigger", "above"], 1.5, "trigger"),
        (["tiers", "small", "currency"], "euro", "currency"),
    ],
)
def test_what_is_wrong_is_said(path: list[str], value: object, said: str) -> None:
    document = deepcopy(GOOD)
    place = document
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    with pytest.raises(BadManifest, match=said):
        read(document)


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(BadManifest) as caught:
        read({"schema": 1})
    assert len(caught.value.problems) > 5


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", ".git/config", "a/../b", "a//b", "a\nb"])
def test_files_stay_in_their_folder(path: str) -> None:
    with pytest.raises(BadManifest, match="hidden"):
        read(GOOD, {path: ""})


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda inner: (
    st.lists(inner) | st.dictionaries(st.sampled_from([*GOOD]) | st.text(), inner)
)))  # fmt: skip
def test_any_document_is_read_or_refused(document: object) -> None:
    with pytest.raises(BadManifest):
        read(document)


def test_the_digest_names_the_content() -> None:
    files = {"a.yml": "1", "b.yml": "2"}
    assert digest_of(GOOD, files) == digest_of(deepcopy(GOOD), dict(reversed(files.items())))
    assert digest_of(GOOD, files) != digest_of(GOOD, {"a.yml": "2", "b.yml": "1"})
    assert digest_of(GOOD, files) != digest_of({**GOOD, "title": "B"}, files)


def test_tier_and_person_decide_together() -> None:
    values = checked(read(GOOD), "small", {"label": "x"})
    assert values == {"label": "x", "memory_mb": 64, "persists": True}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, ""),
        ({"label": "x", "memory_mb": 9}, "memory_mb"),
        ({"label": "X"}, "label"),
        ({"label": "x\n"}, "label"),
        ({"label": "x", "other": 1}, ""),
        ({"label": "{{ lookup('pipe', 'id') }}"}, "label"),
        ({"label": "${resources.db.host} "}, "label"),
        ({"label": "x", "persists": "yes"}, "persists"),
    ],
)
def test_what_the_schema_does_not_take_is_refused(given: dict[str, Any], field: str) -> None:
    with pytest.raises(BadParameters) as caught:
        checked(read(GOOD), "small", given)
    assert field in caught.value.problems


def test_a_reference_is_filled_in() -> None:
    values = checked(read(GOOD), "small", {"label": "x", "upstream": "${resources.db.host}"})
    assert references(values) == {("db", "host")}
    assert resolved(values, {"db": {"host": "h"}})["upstream"] == "h"
    with pytest.raises(BadParameters):
        resolved(values, {"db": {}})


def watching(**changes: Any) -> Any:
    document = deepcopy(GOOD)
    document["parameters"]["properties"] |= {
        "up_host": {"type": "string", "pattern": "^[a-z.]{1,40}$", "beside": "redis.host"},
        "up_port": {"type": "string", "pattern": "^[0-9]{1,5}$", "beside": "redis.port"},
    }
    document["parameters"]["dependentRequired"] = {"up_host": ["up_port"]}
    return read({**document, **changes})


def test_what_stands_beside_is_found_by_its_capability() -> None:
    other = read({**GOOD, "name": "first"})
    found = beside(watching(), {"one": other, "two": other})
    assert found == {"up_host": "${resources.one.host}", "up_port": "${resources.one.port}"}
    assert beside(watching(), {}) == {}
    assert checked(watching(), "small", {"label": "x", **found})["up_port"] == found["up_port"]


def test_all_of_a_neighbour_or_nothing() -> None:
    document = deepcopy(GOOD)
    document["parameters"]["properties"]["figures"] = {
        "type": "string", "pattern": "^[0-9]+$", "beside": "redis.figures_port",
    }  # fmt: skip
    assert beside(read(document), {"one": read(GOOD)}) == {}


@pytest.mark.parametrize("host", ["a.b", "${resources.one.host}"])
def test_what_belongs_together_is_asked_together(host: str) -> None:
    with pytest.raises(BadParameters) as bad:
        checked(watching(), "small", {"label": "x", "up_host": host})
    assert bad.value.problems == {"up_port": "up_host needs it too."}
    given = {"label": "x", "up_host": host, "up_port": "${resources.one.port}"}
    assert checked(watching(), "small", given)["up_host"] == host


def test_tiers_go_from_small_to_large_whatever_their_order() -> None:
    small = GOOD["tiers"]["small"]
    large = {**small, "capacity": {"connections": 900}}
    manifest = read({**GOOD, "tiers": {"large": large, "small": small}})
    assert [one.name for one in manifest.tiers] == ["small", "large"]
    with pytest.raises(BadManifest, match="same capacities"):
        read({**GOOD, "tiers": {"small": small, "large": {**small, "capacity": {"memory_mb": 9}}}})


def test_a_tier_that_its_own_schema_refuses() -> None:
    tiers = {"small": {**GOOD["tiers"]["small"], "parameters": {"memory_mb": 0}}}
    (problem,) = unfit_tiers(read({**GOOD, "tiers": tiers}))
    assert problem.startswith("tiers.small.memory_mb: ")
    assert unfit_tiers(read(GOOD)) == ()
