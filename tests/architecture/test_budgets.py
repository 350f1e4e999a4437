"""Files and functions stay short enough to be read."""

from collections.abc import Sequence

from tests.architecture.sources import ALL_FOLDERS, CODE_FOLDERS, sources

FILE_P95, FILE_MAX = 300, 500
FUNCTION_P95, FUNCTION_MAX = 30, 60


def percentile_95(values: Sequence[int]) -> int:
    return sorted(values)[int(0.95 * (len(values) - 1))]


def test_files_are_short() -> None:
    lengths = {str(source.path): source.line_count for source in sources(*ALL_FOLDERS)}
    too_long = {path: length for path, length in lengths.items() if length > FILE_MAX}
    assert not too_long, f"longer than {FILE_MAX} lines"
    code = [source.line_count for source in sources(*CODE_FOLDERS)]
    assert percentile_95(code) <= FILE_P95


def test_functions_are_short() -> None:
    lengths = {
        f"{source.path}:{function.lineno} {function.name}": (function.end_lineno or 0)
        - function.lineno
        + 1
        for source in sources(*ALL_FOLDERS)
        for function in source.functions()
    }
    too_long = {name: length for name, length in lengths.items() if length > FUNCTION_MAX}
    assert not too_long, f"longer than {FUNCTION_MAX} lines"
    assert percentile_95(list(lengths.values())) <= FUNCTION_P95
