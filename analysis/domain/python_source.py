"""Everything measured in a Python file: one parse, one walk over its tree, one pass over its text.

The figures equal Radon 6.0.1's on every file that Radon can read. Radon itself is not called: its
raw counts and maintainability index take time quadratic in the length of a statement.
"""

from __future__ import annotations

from analysis.domain.python_raw import count_raw
from analysis.domain.python_reading import decode, parse
from analysis.domain.python_syntax import measure_syntax
from analysis.domain.source import RawCounts, SourceFacts, SourceUnreadable, maintainability_index

# Larger files are data, or written by a program. The longest files that people write, test suites
# of one class, are about 1.5 MiB.
LARGEST_SOURCE = 4 << 20


def measure_python(source: bytes, *, largest: int = LARGEST_SOURCE) -> SourceFacts:
    """Measure a Python file as it stands in a repository.

    A byte order mark and an encoding cookie are honoured. Raises SourceUnreadable for what is
    longer than `largest` bytes, is not text, is written for Python 2, does not parse, or is
    nested too deeply to parse.
    """
    if len(source) > largest:
        raise SourceUnreadable(
            "too_large", f"The file has {len(source)} bytes, more than the {largest} measured."
        )
    text = decode(source)
    syntax = measure_syntax(parse(text))
    raw = count_raw(text)
    complexities = [function.complexity for function in syntax.functions]
    return SourceFacts(
        raw=raw,
        functions=syntax.functions,
        complexity=sum(complexities),
        complexity_max=max(complexities, default=0),
        halstead=syntax.halstead,
        maintainability_index=maintainability_index(
            syntax.halstead.volume, syntax.total_complexity, raw.lloc, _comment_percent(raw)
        ),
        imports=syntax.imports,
    )


def _comment_percent(raw: RawCounts) -> float:
    """Lines of comment for a hundred of source; multi-line strings count as comments."""
    return (raw.comments + raw.multi) / float(raw.sloc) * 100 if raw.sloc else 0.0
