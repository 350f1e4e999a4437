"""What a person sees while the programs come up and the first analysis runs."""

import http.client
import threading
import time
from collections.abc import Callable

from django.db import connection

from analysis import selectors as analysis_selectors
from analysis.selectors import RunProgress
from displace.embedded.guard import HOST
from displace.embedded.preparation import FirstAnalysis
from displace.embedded.terminal import Terminal

WEB_START_SECONDS = 60.0
POLL_SECONDS = 0.5


def watch_in_background(
    terminal: Terminal, port: int, greeting: Callable[[], None], analysis: FirstAnalysis
) -> threading.Thread:
    """Greet when the web answers, then follow the analysis to its end."""

    def watch() -> None:
        try:
            if web_answers(port, within_seconds=WEB_START_SECONDS):
                greeting()
                _follow(terminal, analysis)
        finally:
            connection.close()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread


def web_answers(port: int, *, within_seconds: float) -> bool:
    """Wait until the web says that it is alive."""
    deadline = time.monotonic() + within_seconds
    while time.monotonic() < deadline:
        client = http.client.HTTPConnection(HOST, port, timeout=5)
        try:
            client.request("GET", "/healthz")
            if client.getresponse().status == http.HTTPStatus.OK:
                return True
        except (OSError, http.client.HTTPException):
            pass  # it is still starting
        finally:
            client.close()
        time.sleep(0.2)
    return False


def _follow(terminal: Terminal, analysis: FirstAnalysis) -> None:
    if analysis.message:
        terminal.line(analysis.message)
    if analysis.run_id is None:
        return
    while (progress := analysis_selectors.run_progress(analysis.run_id)).is_open:
        terminal.status(*describe(progress))
        time.sleep(POLL_SECONDS)
    terminal.end_status()
    terminal.line(describe_end(progress))


def describe(progress: RunProgress) -> tuple[str, str]:
    """What is being done, and how far it is."""
    heading = f"Analysing {progress.repository_name}: {progress.stage_text or 'waiting'}"
    if not progress.total:
        return heading, ""
    percent = int(100 * (progress.fraction or 0))
    return heading, f"{progress.done:,} of {progress.total:,} ({percent} %)"


def describe_end(progress: RunProgress) -> str:
    """How the analysis ended."""
    if progress.error:
        return f"The analysis of {progress.repository_name} failed: {progress.error}"
    return f"{progress.repository_name} is analysed."
