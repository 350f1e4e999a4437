"""The Celery app of `bench.orchestration`: with a small task that says when it was done."""

import time
from pathlib import Path

from displace.celery import app


@app.task(name="bench.mark", queue="default")
def mark(path: str) -> None:
    """Write down when a worker took this up."""
    written = Path(f"{path}.new")
    written.write_text(str(time.time()), encoding="utf-8")
    written.rename(path)
