"""Waivers that end: what a scanner was told to ignore, and until when."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from ledger.domain.exchange.documents import json_value, refused, toml_value, yaml_value
from ledger.domain.exchange.findings import (
    Finding,
    Refusal,
    Rows,
    clean,
    day_of,
    entries,
    headline,
    line_of_text,
    mapping,
    number_of,
    path_of,
)
from ledger.domain.terms import Severity

_TRIVY_SECTIONS = ("vulnerabilities", "misconfigurations", "secrets", "licenses")
_LISTS = ("waivers", "exceptions", "ignores", "ignore")


def trivy(text: str, _file_name: str) -> Rows:
    """.trivyignore.yaml"""
    document = mapping(yaml_value(text))
    if not any(section in document for section in _TRIVY_SECTIONS):
        refused(f"The file has none of the lists {', '.join(_TRIVY_SECTIONS)}.")
    for section in _TRIVY_SECTIONS:
        for number, value in entries(document.get(section)):
            entry = mapping(value)
            where = [
                line_of_text(one, 300)
                for name in ("paths", "purls")
                for _number, one in entries(entry.get(name))
            ]
            yield _waiver(
                entry,
                row=f"{section}.{number}",
                key=("trivy", section, line_of_text(entry.get("id")), *sorted(where)),
                until="expired_at",
                reason=clean(entry.get("statement")),
                where=where,
            )


def osv_scanner(text: str, _file_name: str) -> Rows:
    """osv-scanner.toml: ignored vulnerabilities and overridden packages."""
    document = toml_value(text)
    if not ("IgnoredVulns" in document or "PackageOverrides" in document):
        refused("The file has neither IgnoredVulns nor PackageOverrides.")
    for number, value in entries(document.get("IgnoredVulns")):
        entry = mapping(value)
        yield _waiver(
            entry,
            row=f"IgnoredVulns.{number}",
            key=("osv-scanner", line_of_text(entry.get("id"))),
            until="ignoreUntil",
            reason=clean(entry.get("reason")),
        )
    for number, value in entries(document.get("PackageOverrides")):
        entry = mapping(value)
        names = [
            line_of_text(entry.get(name)) for name in ("ecosystem", "name", "version", "group")
        ]
        package = " ".join(filter(None, names))
        yield _waiver(
            {**entry, "id": package},
            row=f"PackageOverrides.{number}",
            key=("osv-scanner", "package", *names),
            until="effectiveUntil",
            reason=clean(entry.get("reason")),
        )


def nsprc(text: str, _file_name: str) -> Rows:
    """.nsprc of better-npm-audit; entries that are switched off are no waivers."""
    document = json_value(text)
    if not isinstance(document, dict):
        refused("This is no .nsprc: it needs an object.")
    listed = document.get("exceptions") if isinstance(document.get("exceptions"), list) else []
    entries_by_id = {str(one): True for one in listed} if listed else document
    for number, (name, value) in enumerate(entries_by_id.items(), start=1):
        entry = mapping(value)
        if value is False or entry.get("active") is False:
            continue
        yield _waiver(
            {**entry, "id": name},
            row=f"{number}",
            key=("nsprc", line_of_text(name)),
            until="expiry",
            reason=clean(value if isinstance(value, str) else entry.get("notes")),
        )


def waivers(text: str, file_name: str) -> Rows:
    """A list of waivers with `id`, `reason`, `path`, `line`, `owner`, `severity`, `expires`."""
    document = _any_value(text, file_name)
    listed = document
    if isinstance(document, dict):
        listed = next((document[name] for name in _LISTS if name in document), None)
    if not isinstance(listed, list):
        refused(f"The file is no list, and has none of the lists {', '.join(_LISTS)}.")
    for number, value in entries(listed):
        yield from _generic(mapping(value), f"{number}")


def _generic(entry: Mapping[str, Any], row: str) -> Iterator[Finding | Refusal]:
    path = path_of(entry.get("path"))
    severity = str(entry.get("severity") or "medium").lower()
    if severity not in list(Severity):
        yield Refusal(row, "severity", f"Use one of {', '.join(Severity)}.")
        return
    yield _waiver(
        entry,
        row=row,
        key=("waivers", line_of_text(entry.get("id")), path),
        until="expires",
        reason=clean(entry.get("reason") or entry.get("title")),
        where=[path] if path else [],
        severity=Severity(severity),
    )


def _any_value(text: str, file_name: str) -> Any:
    ending = file_name.lower().rpartition(".")[2]
    if ending == "toml":
        return toml_value(text)
    if ending == "json" or (ending not in ("yaml", "yml") and text.lstrip()[:1] in ("{", "[")):
        return json_value(text)
    return yaml_value(text)


def _waiver(
    entry: Mapping[str, Any],
    *,
    row: str,
    key: tuple[str, ...],
    until: str,
    reason: str,
    where: list[str] | None = None,
    severity: Severity = Severity.MEDIUM,
) -> Finding | Refusal:
    name = line_of_text(entry.get("id"))
    if not name:
        return Refusal(row, "id", "It has no id.")
    expires_on: date | None
    try:
        expires_on = day_of(entry.get(until))
    except (ValueError, OverflowError) as error:
        return Refusal(row, until, str(error))
    places = f" in {', '.join((where or [])[:20])}" if where else ""
    return Finding(
        row=row,
        key=key,
        title=headline(reason, f"{name} is ignored"),
        text=clean(f"{name} is ignored{places}.\n\n{reason}"),
        reference=name,
        path=path_of((where or [""])[0]) if len(where or []) == 1 else "",
        line=number_of(entry.get("line")),
        severity=severity,
        owner=line_of_text(entry.get("owner"), 64).removeprefix("@"),
        expires_on=expires_on,
    )
