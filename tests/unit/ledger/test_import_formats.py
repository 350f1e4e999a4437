"""What other tools write, read as findings; and what strangers write instead."""

import json
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Refused
from ledger.domain.exchange.documents import decode, json_value, yaml_value
from ledger.domain.exchange.findings import MOST_FINDINGS, Finding, day_of, path_of
from ledger.domain.exchange.formats import Format, read
from ledger.domain.terms import Severity

SARIF = {
    "version": "2.1.0",
    "runs": [
        {
            "tool": {
                "driver": {
                    "name": "Scanner",
                    "rules": [
                        {"id": "R1", "messageStrings": {"default": {"text": "The rule says no."}}}
                    ],
                }
            },
            "artifacts": [{"location": {"uri": "src/from%20list.py"}}],
            "results": [
                {
                    "ruleId": "R1",
                    "level": "error",
                    "message": {"text": "Password in code. Take it out."},
                    "locations": [
                        {
                            "physicalLocation": {
                                "artifactLocation": {"uri": "src/app.py"},
                                "region": {"startLine": 12},
                            }
                        }
                    ],
                    "partialFingerprints": {"primaryLocationLineHash": "39fa2ee980eb94b0:1"},
                },
                {
                    "rule": {"index": 0},
                    "message": {"id": "default"},
                    "locations": [{"physicalLocation": {"artifactLocation": {"index": 0}}}],
                },
                {"ruleId": "R1", "kind": "pass", "message": {"text": "fine"}},
                {"ruleId": "R1", "baselineState": "absent", "message": {"text": "gone"}},
                "no object",
            ],
        }
    ],
}


def found(kind: Format, text: str, name: str = "file") -> list[Finding]:
    return list(read(kind, text, name).findings.values())


def test_sarif() -> None:
    result = read(Format.SARIF, json.dumps(SARIF), "x.sarif")
    first, second = result.findings.values()
    assert (first.title, first.path, first.line) == ("Password in code", "src/app.py", 12)
    assert (first.severity, first.reference) == (Severity.HIGH, "R1")
    assert "Take it out" in first.text
    assert "Scanner" in first.text
    assert (second.title, second.path) == ("The rule says no", "src/from list.py")
    assert second.severity is Severity.MEDIUM
    assert [refusal.row for refusal in result.refusals] == ["runs.1.results.5"]


def test_a_finding_is_the_same_when_its_line_moves() -> None:
    moved = json.loads(json.dumps(SARIF))
    place = moved["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    place["region"]["startLine"] = 99
    before = read(Format.SARIF, json.dumps(SARIF), "").findings.keys()
    assert read(Format.SARIF, json.dumps(moved), "").findings.keys() == before


def test_equal_findings_are_told_apart_by_their_number() -> None:
    issue = {"engineId": "e", "ruleId": "r", "primaryLocation": {"message": "m", "filePath": "a"}}
    assert len(found(Format.SONAR, json.dumps({"issues": [issue, issue]}))) == 2


def test_sonar_in_both_forms() -> None:
    old = {
        "issues": [
            {
                "engineId": "checker", "ruleId": "r1", "severity": "BLOCKER", "type": "BUG",
                "primaryLocation": {
                    "message": "Too deep", "filePath": "./a/b.py", "textRange": {"startLine": 3},
                },
                "effortMinutes": 90,
            },
            {"ruleId": "r2"},
        ]
    }  # fmt: skip
    result = read(Format.SONAR, json.dumps(old), "")
    (one,) = result.findings.values()
    assert (one.path, one.line, one.severity) == ("a/b.py", 3, Severity.CRITICAL)
    assert "90 minutes" in one.text
    assert result.refusals[0].column == "primaryLocation.message"
    new = {
        "rules": [
            {
                "id": "r1", "engineId": "checker",
                "impacts": [{"softwareQuality": "SECURITY", "severity": "HIGH"}],
            }
        ],
        "issues": [{"ruleId": "r1", "primaryLocation": {"message": "m", "filePath": "x.py"}}],
    }  # fmt: skip
    assert found(Format.SONAR, json.dumps(new))[0].severity is Severity.HIGH


INI = """\
[importlinter]
root_package = shop
[importlinter:contract:layers]
name = Layers hold
type = layers
ignore_imports =
    shop.cart -> shop.web.pages
    shop.*.views -> shop.db
    not an import
"""
TOML = """\
[tool.importlinter]
root_package = "shop"
[[tool.importlinter.contracts]]
name = "Layers hold"
type = "layers"
ignore_imports = ["shop.cart -> shop.web.pages", "shop.*.views->shop.db", 5]
"""


def test_import_linter_in_both_files() -> None:
    ini = read(Format.IMPORT_LINTER, INI, ".importlinter")
    toml = read(Format.IMPORT_LINTER, TOML, "pyproject.toml")
    assert ini.findings.keys() == toml.findings.keys()
    first, second = ini.findings.values()
    assert first.title == "shop.cart imports shop.web.pages"
    assert (first.owner_path, second.owner_path) == ("shop/cart.py", "")
    assert len(ini.refusals) == len(toml.refusals) == 1


def test_archunit() -> None:
    store = (
        "Method <a.B.c()> calls method <d.E.f()> in (B.java:12)\n"
        "Class <a.B> is long\\\nand goes on in (B.java:1)\n\n"
    )
    first, second = found(Format.ARCHUNIT, store, "layers")
    assert (first.line, first.reference) == (12, "layers")
    assert "goes on" in second.text
    moved = store.replace(":12", ":40")
    assert (
        read(Format.ARCHUNIT, moved, "layers").findings.keys()
        == read(Format.ARCHUNIT, store, "layers").findings.keys()
    )


def test_dependency_cruiser() -> None:
    document = [
        {
            "type": "cycle", "from": "src/a.js", "to": "src/b.js",
            "rule": {"severity": "error", "name": "no-circular"},
            "cycle": [{"name": "src/b.js"}, "src/a.js"],
        },
        {"from": "src/a.js"},
        7,
    ]  # fmt: skip
    result = read(Format.DEPENDENCY_CRUISER, json.dumps(document), "")
    (one,) = result.findings.values()
    assert (one.path, one.severity, one.reference) == ("src/a.js", Severity.HIGH, "no-circular")
    assert "src/b.js" in one.text
    assert len(result.refusals) == 2


def test_trivy() -> None:
    text = """\
vulnerabilities:
  - id: CVE-2026-1
    paths: [usr/lib/x.jar]
    expired_at: 2027-01-31
    statement: Accepted until the upgrade. See the ticket.
  - id: CVE-2026-2
    expired_at: 2027-02-30
misconfigurations:
  - id: AVD-1
secrets:
"""
    result = read(Format.TRIVY, text, ".trivyignore.yaml")
    first, second = result.findings.values()
    assert (first.title, first.expires_on) == ("Accepted until the upgrade", date(2027, 1, 31))
    assert (first.reference, first.path) == ("CVE-2026-1", "usr/lib/x.jar")
    assert (second.title, second.expires_on) == ("AVD-1 is ignored", None)
    assert [(one.row, one.column) for one in result.refusals] == [
        ("vulnerabilities.2", "expired_at")
    ]


def test_osv_scanner() -> None:
    text = """\
[[IgnoredVulns]]
id = "GO-2022-0968"
ignoreUntil = 2027-11-09
reason = "No ssh servers are connected to or hosted in Go lang"
[[PackageOverrides]]
name = "lib"
version = "1.0.0"
ecosystem = "Go"
ignore = true
effectiveUntil = 2027-11-09T00:00:00Z
"""
    first, second = found(Format.OSV_SCANNER, text, "osv-scanner.toml")
    assert first.expires_on == second.expires_on == date(2027, 11, 9)
    assert second.reference == "Go lib 1.0.0"


def test_nsprc() -> None:
    text = json.dumps(
        {
            "1337": {
                "active": True,
                "notes": "Ignored since we do not use it",
                "expiry": "2027-01-31",
            },
            "4501": {"active": False, "notes": "over"},
            "980": "a note of old",
            "GHSA-1": {"expiry": 1803859200000},
            "5": {"expiry": "Fri, 12 March 2027"},
            "6": {"expiry": "March 12, 2027"},
            "7": {"expiry": "soon"},
        }
    )
    result = read(Format.NSPRC, text, ".nsprc")
    days = {one.reference: one.expires_on for one in result.findings.values()}
    assert days == {
        "1337": date(2027, 1, 31), "980": None, "GHSA-1": date(2027, 3, 1),
        "5": date(2027, 3, 12), "6": date(2027, 3, 12),
    }  # fmt: skip
    assert "no date" in result.refusals[0].reason
    assert found(Format.NSPRC, '{"exceptions": ["https://x.example/12"]}')[0].reference


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "waivers.yaml",
            "waivers:\n- {id: W1, path: a/b.py, owner: payments, expires: 2027-01-31}",
        ),
        (
            "waivers.json",
            '[{"id": "W1", "path": "a/b.py", "owner": "@payments", "expires": "2027-01-31"}]',
        ),
        (
            "waivers.toml",
            '[[waivers]]\nid = "W1"\npath = "a/b.py"\nowner = "payments"\nexpires = 2027-01-31',
        ),
    ],
)
def test_waivers_in_any_notation(name: str, text: str) -> None:
    (one,) = found(Format.WAIVERS, text, name)
    assert (one.reference, one.path, one.owner) == ("W1", "a/b.py", "payments")
    assert one.expires_on == date(2027, 1, 31)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Format.SARIF, "[" * 200_000),
        (Format.SARIF, '{"a":' * 100_000),
        (Format.SARIF, "NaN"),
        (Format.SARIF, '{"version": "2.0.0", "runs": []}'),
        (Format.SARIF, "9" * 10_000),
        (Format.SONAR, "{}"),
        (Format.TRIVY, "a: &a [x]\nb: *a"),
        (Format.TRIVY, "- " * 50_000),
        (Format.TRIVY, "[" * 50_000),
        (Format.TRIVY, "vulnerabilities: \x00"),
        (Format.TRIVY, "!!python/object/apply:os.system ['true']"),
        (Format.TRIVY, "a: b\n" * 400_000),
        (Format.OSV_SCANNER, "a = " + "[" * 50_000),
        (Format.OSV_SCANNER, "a = " + "9" * 10_000),
        (Format.IMPORT_LINTER, "no = section"),
        (Format.IMPORT_LINTER, "[a]\nb = 1"),
        (Format.DEPENDENCY_CRUISER, "{}"),
        (Format.NSPRC, "[]"),
        (Format.WAIVERS, "just text"),
        (Format.ARCHUNIT, "violation\n" * (MOST_FINDINGS + 5)),
    ],
    ids=str,
)
def test_hostile_files_are_refused_in_a_sentence(kind: Format, text: str) -> None:
    with pytest.raises(Refused) as caught:
        read(kind, text, "file")
    assert caught.value.field == "file"
    assert len(caught.value.message) < 400


KEYS = [
    "version", "runs", "tool", "driver", "rules", "results", "ruleId", "rule",
    "ruleIndex", "message", "text", "id", "level", "locations", "physicalLocation",
    "artifactLocation", "uri", "index", "region", "startLine", "artifacts", "issues",
    "primaryLocation", "filePath", "textRange", "from", "to", "cycle", "name",
    "severity", "expiry", "active", "fingerprints", "partialFingerprints",
    "exceptions", "waivers", "expires", "path", "owner",
]  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=5,
        )
    ),
    max_leaves=30,
)


@given(
    st.sampled_from(
        [
            Format.SARIF,
            Format.SONAR,
            Format.DEPENDENCY_CRUISER,
            Format.NSPRC,
            Format.WAIVERS,
            Format.ARCHUNIT,
        ]
    ),
    JSON,
)
def test_any_json_is_read_or_refused(kind: Format, value: object) -> None:
    wrapped = {"version": "2.1.0", "runs": [value], "issues": [value], "waivers": [value]}
    for document in (value, [value], wrapped):
        with suppress(Refused):
            read(kind, json.dumps(document), "file.json")


def test_texts_are_made_harmless() -> None:
    issue = {
        "engineId": "e", "ruleId": "r",
        "primaryLocation": {"message": "a\x00b\u202ec\ud800" + "x" * 9_000, "filePath": "../x"},
    }  # fmt: skip
    (one,) = found(Format.SONAR, json.dumps({"issues": [issue]}))
    assert one.path == ""
    assert one.text.startswith("a\ufffdb\ufffdc\ufffdx")
    assert len(one.title) <= 200


@pytest.mark.parametrize(
    ("given_path", "path"),
    [
        ("./a/../b.py", "b.py"), ("/abs/x", "abs/x"), ("file:///srv/x.py", "srv/x.py"),
        ("https://x.example/a", ""), ("a\\b.py", "a/b.py"), ("..", ""), ("", ""), (5, "5"),
    ],
)  # fmt: skip
def test_paths(given_path: object, path: str) -> None:
    assert path_of(given_path) == path


@pytest.mark.parametrize(
    "text", ["2027-13-01", "0000-01-01", "31 Foo 2027", "tomorrow", "20270101"]
)
def test_days_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        day_of(text)


def test_encodings() -> None:
    assert decode("ä".encode())[1] == "UTF-8"
    assert decode(b"\xef\xbb\xbfa") == ("a", "UTF-8 with a byte order mark")
    assert decode("ä".encode("utf-16")) == ("ä", "UTF-16")
    assert decode("ä".encode("latin-1"), is_lenient=True) == ("ä", "Windows-1252")
    for data in (b"\xff\xfea", b"\x80"):
        with pytest.raises(Refused):
            decode(data)


def test_yaml_holds_texts_only() -> None:
    assert yaml_value("a: yes\nb: 2027-02-30\nc: 0x10") == {
        "a": "yes",
        "b": "2027-02-30",
        "c": "0x10",
    }
    assert json_value("1") == 1
