"""What the import contracts cannot see: strings, built-ins and names used as a way round."""

import ast
from collections.abc import Callable

from tests.architecture.sources import ALL_FOLDERS, APPS, ROOT, Source, sources

DYNAMIC_IMPORTS = {
    "importlib.import_module",
    "import_module",
    "__import__",
    "import_string",
    "apps.get_model",
}
CLOCKS = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "datetime.datetime.now",
    "datetime.date.today",
    "timezone.now",
    "timezone.localdate",
    "timezone.localtime",
    "time.time",
}
FILE_ACCESS = {"open", "io.open", "os.open", "Path", "pathlib.Path"}
HTTP_CLIENTS = ("http.client", "urllib.request", "xmlrpc", "smtplib")
# The start asks its own web process whether it is alive.
HTTP_CLIENT_FILES = {"displace/embedded/watching.py"}
PROCESS_MODULES = ("subprocess", "multiprocessing")
PROCESS_FOLDERS = ("adapters", "embedded")


def where(folders: tuple[str, ...], matches: Callable[[Source], list[int]]) -> list[str]:
    return [f"{source.path}:{line}" for source in sources(*folders) for line in matches(source)]


def lines_calling(source: Source, names: set[str]) -> list[int]:
    return [call.lineno for call, name in source.calls() if name in names]


def lines_importing(source: Source, modules: tuple[str, ...]) -> list[int]:
    return [
        node.lineno
        for node, name in source.imported()
        if any(name == module or name.startswith(f"{module}.") for module in modules)
    ]


def test_no_setting_is_read_that_may_not_exist() -> None:
    def guesses(source: Source) -> list[int]:
        return [
            call.lineno
            for call, name in source.calls()
            if name == "getattr" and ast.unparse(call.args[0]) == "settings"
        ]

    assert where(APPS, guesses) == []


def test_nothing_is_imported_by_a_string() -> None:
    assert where(APPS, lambda source: lines_calling(source, DYNAMIC_IMPORTS)) == []


def test_tasks_are_sent_by_reference() -> None:
    def sends(source: Source) -> list[int]:
        return [call.lineno for call, name in source.calls() if name.endswith("send_task")]

    assert where(APPS, sends) == []


def test_only_the_clock_reads_the_clock() -> None:
    def reads(source: Source) -> list[int]:
        is_clock = source.path.as_posix() == "common/clock.py"
        return [] if is_clock else lines_calling(source, CLOCKS)

    assert where(APPS, reads) == []


def test_domain_opens_no_files() -> None:
    def opens(source: Source) -> list[int]:
        return lines_calling(source, FILE_ACCESS) if "domain" in source.path.parts else []

    assert where(APPS, opens) == []


def test_http_clients_live_in_common() -> None:
    def uses(source: Source) -> list[int]:
        allowed = source.path.parts[0] == "common" or str(source.path) in HTTP_CLIENT_FILES
        return [] if allowed else lines_importing(source, HTTP_CLIENTS)

    assert where(APPS, uses) == []


def test_processes_are_started_by_adapters() -> None:
    def starts(source: Source) -> list[int]:
        allowed = any(folder in source.path.parts for folder in PROCESS_FOLDERS)
        return [] if allowed else lines_importing(source, PROCESS_MODULES)

    assert where(APPS, starts) == []


def test_first_party_imports_are_at_the_top() -> None:
    def hidden(source: Source) -> list[int]:
        return [
            node.lineno
            for function in source.functions()
            for node in ast.walk(function)
            if isinstance(node, ast.Import | ast.ImportFrom) and _is_first_party(node)
        ]

    # A benchmark sets Django up itself, on a database of its own, before it can import models.
    assert where((*APPS, "tests"), hidden) == []


def _is_first_party(node: ast.Import | ast.ImportFrom) -> bool:
    if isinstance(node, ast.ImportFrom):
        return node.level > 0 or (node.module or "").split(".")[0] in ALL_FOLDERS
    return any(alias.name.split(".")[0] in ALL_FOLDERS for alias in node.names)


def test_no_file_is_a_drawer_for_everything() -> None:
    names = {"utils.py", "util.py", "helpers.py", "misc.py"}
    assert [str(s.path) for s in sources(*ALL_FOLDERS) if s.path.name in names] == []
    assert not [path for path in ROOT.glob("*/utils") if path.is_dir()]
