import os
import shlex
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import connection

from common.commands import BAD_INPUT, DisplaceCommand
from displace.celery import app
from displace.embedded import preparation, watching
from displace.embedded.guard import HOST, CannotStart, lock_data_dir, port_of, require_free_port
from displace.embedded.supervision import Supervisor
from displace.embedded.terminal import Terminal

WEB_THREADS = 8
# Leaves the web a processor on a small machine, and lets a short job pass a long one.
WORKER_PROCESSES = 2


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
    # The programs are forks of this process, and must not share its connection.
    connection.close()

    def greet() -> None:
        terminal.line("")
        terminal.line(f"Displace is running at {settings.BASE_URL}")
        terminal.line(f"Sign in (works once, for 15 minutes): {address}")
        terminal.line("Stop with Ctrl-C; all data stays.")
        terminal.line("")

    supervisor = _programs(terminal, port)
    supervisor.on_started = lambda: watching.watch_in_background(terminal, port, greet, analysis)
    supervisor.loop()
    terminal.end_status()
    if supervisor.failure is None:
        terminal.line("Stopped.")
        return
    name, status = supervisor.failure
    raise CommandError(
        f"{name} ended by itself (status {status}), so everything was stopped; "
        "its last lines above say why",
        returncode=1,
    )


def _programs(terminal: Terminal, port: int) -> Supervisor:
    supervisor = Supervisor(terminal)
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    celery = f"exec {shlex.quote(sys.executable)} -m celery --quiet -A displace.celery"
    supervisor.add_process(
        "web",
        f"exec {shlex.quote(sys.executable)} -m gunicorn displace.wsgi --bind {HOST}:{port} "
        f"--worker-class gthread --threads {WEB_THREADS} --graceful-timeout 2 "
        "--no-control-socket --log-level warning",
        env=environment,
        cwd=settings.BASE_DIR,
    )
    supervisor.add_process(
        "worker",
        f"{celery} worker --queues default,analysis --concurrency {WORKER_PROCESSES} "
        "--without-gossip --without-mingle --without-heartbeat --loglevel WARNING",
        # Do not wait for a long analysis: its lease lets the next start take it up again.
        env={
            **environment,
            "REMAP_SIGTERM": "SIGQUIT",
            # Who runs a container as root has decided so.
            "PYTHONWARNINGS": "ignore:You're running the worker with superuser",
        },
        cwd=settings.BASE_DIR,
    )
    supervisor.add_process(
        "beat",
        f"{celery} beat --pidfile= --loglevel WARNING",
        env=environment,
        cwd=settings.BASE_DIR,
    )
    return supervisor
