"""Violations that a tool was told to let pass: import-linter, ArchUnit, dependency-cruiser."""

import configparser
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ledger.domain.exchange.documents import json_value, refused, toml_value
from ledger.domain.exchange.findings import (
    Finding,
    Refusal,
    Rows,
    clean,
    entries,
    headline,
    line_of_text,
    mapping,
    number_of,
    path_of,
)
from ledger.domain.terms import Severity

_IMPORT = re.compile(r"([\w.*]+)\s*->\s*([\w.*]+)")
_CONTRACT = "importlinter:contract:"
_ARCHUNIT_PLACE = re.compile(r"\(([\w$.-]+):([0-9]{1,8})\)")
_PROPERTY = re.compile(r"(?P<rule>(?:\\.|[^\\=:])+)[=:]\s*(?P<file>[\w.-]+)\s*", re.DOTALL)
_CRUISER_SEVERITIES = {"error": Severity.HIGH, "warn": Severity.MEDIUM}


def import_linter(text: str, file_name: str) -> Rows:
    """`ignore_imports` of every contract in .importlinter, setup.cfg or pyproject.toml."""
    is_toml = file_name.lower().endswith(".toml")
    contracts = list(_toml_contracts(text) if is_toml else _ini_contracts(text))
    if not contracts:
        refused("The file has no contract of import-linter.")
    for name, ignored in contracts:
        for number, entry in enumerate(ignored, start=1):
            yield _ignored_import(name, entry, f"{name}: {number}")


def _toml_contracts(text: str) -> Iterator[tuple[str, list[object]]]:
    section = mapping(mapping(toml_value(text).get("tool")).get("importlinter"))
    for number, value in entries(section.get("contracts")):
        contract = mapping(value)
        name = line_of_text(contract.get("name") or contract.get("id"), 150)
        ignored = contract.get("ignore_imports")
        yield name or f"contract {number}", ignored if isinstance(ignored, list) else []


def _ini_contracts(text: str) -> Iterator[tuple[str, list[object]]]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error as error:
        refused(f"The file is no INI file: {' '.join(str(error).split())[:200]}.")
    for section in parser.sections():
        if section.startswith(_CONTRACT):
            name = parser.get(section, "name", fallback="") or section.removeprefix(_CONTRACT)
            lines = parser.get(section, "ignore_imports", fallback="").splitlines()
            yield line_of_text(name, 150), [line for line in lines if line.strip()]


def _ignored_import(contract: str, entry: object, row: str) -> Finding | Refusal:
    match = _IMPORT.fullmatch(entry.strip()) if isinstance(entry, str) else None
    if match is None:
        return Refusal(row, "ignore_imports", "It is not of the form importer -> imported.")
    importer, imported = match.groups()
    return Finding(
        row=row,
        key=("import-linter", contract, importer, imported),
        title=line_of_text(f"{importer} imports {imported}"),
        text=f"{importer} imports {imported}, which the contract “{contract}” forbids; "
        "ignore_imports lets it pass.",
        reference=line_of_text(f"{importer} -> {imported}"),
        # Only a guess at the file, since a module may stand below any source folder.
        owner_path="" if "*" in importer else f"{importer.replace('.', '/')}.py",
    )


def archunit(text: str, file_name: str) -> Rows:
    """A violation store of a FreezingArchRule: one file of violations, or all by rule."""
    if text.lstrip().startswith("{"):
        rules = mapping(json_value(text))
    else:
        rules = {line_of_text(file_name) or "a frozen rule": text}
    for rule, violations in rules.items():
        # A violation of several lines has a backslash before each of its breaks.
        for number, one in enumerate(re.split(r"(?<!\\)\n", str(violations)), start=1):
            if violation := clean(one.replace("\\\n", "\n")):
                yield _archunit_violation(line_of_text(rule), violation, f"{number}")


def archunit_rules(text: str) -> dict[str, str]:
    """`stored.rules`: the name of the file of violations by rule (a Java properties file)."""
    found = {}
    for line in text.splitlines():
        if line.lstrip().startswith(("#", "!")):
            continue
        if match := _PROPERTY.fullmatch(line.lstrip()):
            found[re.sub(r"\\(.)", r"\1", match["rule"]).strip()] = match["file"]
    return found


def _archunit_violation(rule: str, violation: str, row: str) -> Finding:
    place = _ARCHUNIT_PLACE.search(violation)
    return Finding(
        row=row,
        # ArchUnit itself compares without the numbers of lines.
        key=("archunit", rule, re.sub(r":[0-9]+\)", ")", violation)),
        title=headline(violation, rule),
        text=f"{violation}\n\nFrozen violation of the rule: {rule}",
        reference=line_of_text(rule),
        line=number_of(place[2]) if place else None,
    )


def dependency_cruiser(text: str, _file_name: str) -> Rows:
    """.dependency-cruiser-known-violations.json."""
    document = json_value(text)
    if not isinstance(document, list):
        refused("This is no list of known violations of dependency-cruiser.")
    for number, value in entries(document):
        yield _known_violation(mapping(value), f"{number}")


def _known_violation(violation: Mapping[str, Any], row: str) -> Finding | Refusal:
    rule = mapping(violation.get("rule"))
    name = line_of_text(rule.get("name"), 150)
    origin, target = (
        line_of_text(violation.get("from"), 500),
        line_of_text(violation.get("to"), 500),
    )
    if not name:
        return Refusal(row, "rule.name", "It names no rule.")
    if not origin:
        return Refusal(row, "from", "It names no module.")
    cycle = [
        line_of_text(one.get("name") if isinstance(one, dict) else one, 500)
        for _number, one in entries(violation.get("cycle"))
    ]
    what = f"{origin} depends on {target}" if target and target != origin else origin
    through = f" (by way of {', '.join(cycle[:10])})" if cycle else ""
    return Finding(
        row=row,
        key=("dependency-cruiser", name, origin, target, *sorted(cycle)),
        title=line_of_text(f"{name}: {what}", 150),
        text=f"{what}{through}, which the rule “{name}” forbids; it is a known violation.",
        reference=name,
        path=path_of(origin),
        severity=_CRUISER_SEVERITIES.get(str(rule.get("severity")), Severity.LOW),
    )
