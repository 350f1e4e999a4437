"""What a reference became is a stranger's text: it is held against the schema like a person's."""

from typing import Any

import pytest

from orchestration.domain.manifests import read
from orchestration.domain.parameters import checked, resolved, unfit
from tests.fakes.small_engine import MANIFEST

TERMS = {
    "host": {"type": "string", "pattern": "^[a-z0-9.-]{1,60}$"},
    "port": {"type": "integer", "minimum": 1, "maximum": 65535},
    "word": {"type": "string", "pattern": "^(?!)$"},
    "key": {"type": "string", "pattern": "^[A-Za-z\\n-]{1,60}$"},
}
SECRET = {"word", "key"}
TIER = {"capacity": {"users": 1}, "monthly_cost": "1", "currency": "EUR"}


def problems(**outputs: str) -> set[str]:
    schema = {"type": "object", "additionalProperties": False, "properties": TERMS}
    manifest = read({**MANIFEST, "parameters": schema, "tiers": {"small": TIER}})
    given = {name: f"${{resources.db.{name}}}" for name in outputs}
    written = checked(manifest, "small", given)
    found = resolved(written, {"db": outputs})
    return set(unfit(manifest, written, found, SECRET))


def test_what_fits_is_taken() -> None:
    assert not problems(host="db.example", port="5432", word="p'w: {{ x }}", key="-BEGIN-\nab")


@pytest.mark.parametrize(
    "outputs",
    [
        {"host": "x'\narchive_command = 'touch /tmp/x'"},
        {"host": "x port=1 passfile=/etc/passwd"},
        {"host": "x\n"},
        {"host": ""},
        {"port": "1; reboot"},
        {"port": "99999"},
        {"port": "nan"},
        {"word": "secret\n--\nDROP ROLE app"},
        {"key": "-BEGIN-\n$(reboot)"},
    ],
)
def test_what_does_not_fit_is_named(outputs: dict[str, Any]) -> None:
    assert problems(**outputs) == set(outputs)


def test_what_is_not_built_yet_is_not_looked_at() -> None:
    assert not problems(host="${resources.db.host}", word="${resources.db.word}")
