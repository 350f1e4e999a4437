"""The files that can be imported."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from ledger.domain.exchange import baselines, reports, waivers
from ledger.domain.exchange.findings import Read, Rows, collected

Reader = Callable[[str, str], Rows]


class Format(StrEnum):
    """The names by which commands, API and pages know the formats: add, never rename."""

    CSV = "csv"
    SARIF = "sarif"
    SONAR = "sonar"
    IMPORT_LINTER = "import-linter"
    ARCHUNIT = "archunit"
    DEPENDENCY_CRUISER = "dependency-cruiser"
    TRIVY = "trivy"
    OSV_SCANNER = "osv-scanner"
    NSPRC = "nsprc"
    WAIVERS = "waivers"


# What people read where they choose one.
LABELS: Mapping[Format, str] = {
    Format.CSV: "Debt as CSV, as the register exports it",
    Format.SARIF: "SARIF 2.1.0",
    Format.SONAR: "Sonar generic issues",
    Format.IMPORT_LINTER: "import-linter: ignore_imports",
    Format.ARCHUNIT: "ArchUnit: frozen violations",
    Format.DEPENDENCY_CRUISER: "dependency-cruiser: known violations",
    Format.TRIVY: "Trivy: .trivyignore.yaml",
    Format.OSV_SCANNER: "OSV-Scanner: osv-scanner.toml",
    Format.NSPRC: "npm audit: .nsprc",
    Format.WAIVERS: "Waivers with an expiry (YAML, JSON, TOML)",
}

_READERS: Mapping[Format, Reader] = {
    Format.SARIF: reports.sarif,
    Format.SONAR: reports.sonar,
    Format.IMPORT_LINTER: baselines.import_linter,
    Format.ARCHUNIT: baselines.archunit,
    Format.DEPENDENCY_CRUISER: baselines.dependency_cruiser,
    Format.TRIVY: waivers.trivy,
    Format.OSV_SCANNER: waivers.osv_scanner,
    Format.NSPRC: waivers.nsprc,
    Format.WAIVERS: waivers.waivers,
}


def read(kind: Format, text: str, file_name: str) -> Read:
    """The findings of a file. Raises Refused (field "file") for one that is not of this format."""
    return collected(_READERS[kind](text, file_name))
