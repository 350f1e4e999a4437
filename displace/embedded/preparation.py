"""Making the data directory ready: tables, static files, the first admin, the first repository."""

import os
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from celery import Celery
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse
from kombu.exceptions import OperationalError

from accounts import selectors as account_selectors
from accounts import services as account_services
from accounts.domain.roles import Role
from analysis import selectors as analysis_selectors
from analysis import services as analysis_services
from analysis.tasks import analyse_soon
from common.commands import BAD_INPUT
from common.errors import DisplaceError

FIRST_ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class FirstAnalysis:
    """What to watch, or why there is nothing to watch."""

    run_id: int | None
    message: str


def prepare_database() -> None:
    """Bring the tables up to date."""
    call_command("migrate", interactive=False, verbosity=0)


def collect_static_files() -> None:
    """Copy style sheets and scripts to the data directory, under names with a hash."""
    call_command("collectstatic", interactive=False, verbosity=0, clear=True, stdout=StringIO())


def declare_queues(app: Celery) -> None:
    """Make the queues before several programs try to at once."""
    try:
        with app.connection_for_write() as broker:
            for queue in app.amqp.queues.values():
                queue(broker.default_channel).declare()
    except OperationalError as error:
        reason = str(error).rstrip(".")
        raise CommandError(
            f"the broker cannot be used: {reason}; check DISPLACE_BROKER_URL", returncode=BAD_INPUT
        ) from None


def sign_in_address() -> str:
    """An address that signs the first admin in, once; makes that admin on the first start."""
    admin = account_selectors.first_admin()
    if admin is None:
        admin = account_services.user_create(
            username=FIRST_ADMIN, role=Role.ADMIN, display_name="Administrator"
        )
    secret = account_services.sign_in_link_issue(user=admin)
    path = reverse("accounts:sign_in_link", kwargs={"secret": secret})
    return f"{settings.BASE_URL}{path}"


def request_analysis(location: str) -> FirstAnalysis:
    """Register the repository and queue its analysis.

    Without a location this is the project's own checkout, on the first start only.
    """
    if not location and analysis_selectors.repositories_list():
        return FirstAnalysis(None, "")
    try:
        repository = analysis_services.repository_register(
            location=location or os.fspath(settings.BASE_DIR), base=Path.cwd()
        )
        run = analyse_soon(repository=repository)
    except DisplaceError as error:
        return FirstAnalysis(None, f"No repository was analysed: {error.message}")
    return FirstAnalysis(run.pk, "")
