"""The gate's answer for its readers: people, programs, code hosts. Every text in it is hostile."""

from hooks.domain.gate_reports.codeclimate import codeclimate
from hooks.domain.gate_reports.document import document
from hooks.domain.gate_reports.markdown import markdown
from hooks.domain.gate_reports.sarif import sarif
from hooks.domain.gate_reports.text import text

__all__ = ["codeclimate", "document", "markdown", "sarif", "text"]
