import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import connection

from common.commands import BAD_INPUT, DisplaceCommand
from displace.celery import app
from displace.embedded import preparation, watching
from displace.embedded.guard import HOST, CannotStart, lock_data_dir, port_of, require_free_port
from displace.embedded.supervision import KeepsEnding, Program, Supervisor
from displace.embedded.terminal import Terminal

WEB_THREADS = 8


class Command(DisplaceCommand):
    makes_tables = False
    help = "Run web, worker and beat together in the foreground (`make run` calls this)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", default="8000", help=f"listen on {HOST}, on this port")
        parser.add_argument(
            "--repo",
            default="",
            help="path or URL to analyse (by default, on the first start, this checkout)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            port = port_of(options["port"])
            require_free_port(port)
            lock = lock_data_dir(settings.DATA_DIR, settings.BASE_URL)
        except CannotStart as error:
            sys.stderr.write(f"displace: {error}\n")
            raise SystemExit(BAD_INPUT) from None
        with lock:
            try:
                _run(Terminal(sys.stdout), port, options["repo"])
            except KeyboardInterrupt:
                sys.stdout.write("\nStopped.\n")


def _run(terminal: Terminal, port: int, location: str) -> None:
    terminal.line("Preparing the database and the static files ...")
    preparation.prepare_database()
    preparation.collect_static_files()
    preparation.declare_queues(app)
    address = preparation.sign_in_address()
    analysis = preparation.request_analysis(location)
    # Nothing is read here any more, for as long as the programs run.
    connection.close()

    def greet() -> None:
        terminal.line("")
        terminal.line(f"Displace is running at {settings.BASE_URL}")
        terminal.line(f"Sign in (works once, for 15 minutes): {address}")
        terminal.line("Stop with Ctrl-C; all data stays.")
        terminal.line("")

    supervisor = Supervisor(
        terminal, _programs(port), environment=_environment(), folder=settings.BASE_DIR
    )
    try:
        supervisor.run(lambda: watching.watch_in_background(terminal, port, greet, analysis))
    except KeepsEnding as error:
        raise CommandError(str(error), returncode=1) from None
    finally:
        terminal.end_status()
    terminal.line("Stopped.")


def _environment() -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONUNBUFFERED": "1",
        # Who runs a container as root has decided so.
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser",
    }


def _programs(port: int) -> list[Program]:
    python = (sys.executable, "-m")
    gunicorn = (
        *(*python, "gunicorn", "displace.wsgi", "--bind", f"{HOST}:{port}"),
        *("--worker-class", "gthread", "--threads", str(WEB_THREADS), "--graceful-timeout", "2"),
        *("--no-control-socket", "--log-level", "warning"),
    )
    celery = (*python, "celery", "--quiet", "-A", "displace.celery")
    return [
        Program("web", gunicorn),
        # One process for each queue, so that a short job passes a long one. No pool of forks:
        # those share a lock, and one that is killed while it holds it blocks all others.
        *(
            Program(
                f"worker-{queue.name}",
                (
                    *(*celery, "worker", "--queues", queue.name, "--hostname", f"{queue.name}@%h"),
                    *("--pool", "solo", "--without-gossip", "--without-mingle"),
                    *("--without-heartbeat", "--loglevel", "WARNING"),
                ),
            )
            for queue in settings.CELERY_TASK_QUEUES
        ),
        Program("beat", (*celery, "beat", "--pidfile=", "--loglevel", "WARNING")),
    ]
