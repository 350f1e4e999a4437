"""Files from strangers as plain values: bounded, without anything that runs or blows up.

Every function raises Refused (field "file") with one sentence for a file that it does not read.
"""

import json
import tomllib
from typing import Any, NoReturn

import yaml

from common.errors import Refused

MOST_BYTES = 20 << 20
# YAML and TOML are read some hundred times more slowly than JSON, and no waiver file is long.
MOST_SLOW_BYTES = 1 << 20
MOST_DEPTH = 60
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig", "UTF-8 with a byte order mark"),
    (b"\xff\xfe", "utf-16", "UTF-16"),
    (b"\xfe\xff", "utf-16", "UTF-16"),
)


def refused(reason: str) -> NoReturn:
    raise Refused(reason, "file")


def decode(data: bytes, *, is_lenient: bool = False) -> tuple[str, str]:
    """The text and the name of its encoding.

    `is_lenient`: what is no UTF-8 is read as Windows-1252, as old spreadsheets write it; the name
    of the encoding tells.
    """
    if len(data) > MOST_BYTES:
        refused(f"The file has more than {MOST_BYTES >> 20} MiB; split it.")
    for mark, codec, name in _BOMS:
        if data.startswith(mark):
            try:
                return data.decode(codec), name
            except UnicodeDecodeError:
                refused(f"The file begins as {name} and is not; save it as UTF-8.")
    try:
        return data.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError as error:
        if not is_lenient:
            refused(f"The file is not UTF-8 (byte {error.start}); save it as UTF-8.")
    return data.decode("cp1252", "replace"), "Windows-1252"


def json_value(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        refused("The JSON is nested too deeply.")
    except ValueError as error:
        refused(f"The file is not JSON: {str(error)[:200]}.")


def toml_value(text: str) -> dict[str, Any]:
    _require_short(text, "TOML")
    try:
        return tomllib.loads(text)
    except RecursionError:
        refused("The TOML is nested too deeply.")
    except ValueError as error:
        refused(f"The file is not TOML: {str(error)[:200]}.")


def yaml_value(text: str) -> Any:
    """YAML with every scalar as text: no types to guess, no tags, no anchors to multiply by."""
    _require_short(text, "YAML")
    try:
        depth = 0
        for event in yaml.parse(text, Loader=yaml.CBaseLoader):
            if isinstance(event, yaml.AliasEvent):
                refused("The YAML uses an alias (*name); write out what it stands for.")
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > MOST_DEPTH:
                refused("The YAML is nested too deeply.")
        # The base loader makes texts, lists and mappings of texts, and nothing else.
        return yaml.load(text, Loader=yaml.CBaseLoader)  # noqa: S506 - it makes no objects
    except (yaml.YAMLError, ValueError) as error:
        refused(f"The file is not YAML: {' '.join(str(error).split())[:200]}.")


def _require_short(text: str, kind: str) -> None:
    if len(text) > MOST_SLOW_BYTES:
        refused(f"A {kind} file may have at most {MOST_SLOW_BYTES >> 20} MiB; split it.")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")
