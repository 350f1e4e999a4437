"""The chain is broken by every change, and by nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.hashchain import GENESIS, Link, canonical_json, first_broken, link

PAYLOADS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.dates(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=8,
)


def chain(payloads: Sequence[object]) -> list[Link]:
    links, previous = [], GENESIS
    for payload in payloads:
        links.append(Link(previous, payload, link(previous, payload)))
        previous = links[-1].hash
    return links


def test_known_value() -> None:
    # printf '%064d\n{"a":1}' 0 | sha256sum
    assert link(GENESIS, {"a": 1}) == (
        "f21735afd2cd6af4fc5804b0045cebfd545aef8396d29d030c39cb8880b45b7f"
    )


def test_canonical_form() -> None:
    moment = datetime(2026, 3, 1, 14, 30, tzinfo=timezone(timedelta(hours=2)))
    value = {"b": Decimal("1.50"), "a": [True, None, "é"], "c": moment, "d": date(2026, 3, 1)}
    assert canonical_json(value) == (
        '{"a":[true,null,"é"],"b":"1.50","c":"2026-03-01T12:30:00.000000+00:00","d":"2026-03-01"}'
    )


def test_equal_moments_are_one_text() -> None:
    utc = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert canonical_json(utc) == canonical_json(utc.astimezone(timezone(timedelta(hours=-5))))


@dataclass
class Thing:
    value: int = 1


@pytest.mark.parametrize(
    "value",
    [Thing(), {1: "x"}, {"x"}, b"x", datetime(2026, 1, 1)],  # noqa: DTZ001 - no zone is the point
)
def test_values_without_a_canonical_form(value: object) -> None:
    with pytest.raises(TypeError):
        canonical_json(value)


def test_not_a_number() -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical_json(float("nan"))


@given(st.lists(PAYLOADS, max_size=6))
def test_an_untouched_chain_holds(payloads: list[object]) -> None:
    assert first_broken(chain(payloads)) is None


@given(st.lists(PAYLOADS, min_size=1, max_size=6), st.data())
def test_every_change_is_found_where_it_is(payloads: list[object], data: st.DataObject) -> None:
    links = chain(payloads)
    position = data.draw(st.integers(0, len(links) - 1))
    links[position] = links[position]._replace(payload={"changed": payloads[position]})
    assert first_broken(links) == position


def test_dropping_inserting_and_reordering_are_found() -> None:
    links = chain(["a", "b", "c"])
    assert first_broken(links[1:]) == 0
    assert first_broken([links[0], links[2]]) == 1
    assert first_broken([links[0], links[2], links[1]]) == 1
    assert first_broken([links[0], links[0], *links[1:]]) == 1
