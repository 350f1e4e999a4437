"""`state_lock [ENVIRONMENT RESOURCE]`: who has the lock of a state, and breaking one."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.timezone import localtime

from accounts.management.actors import acting
from common.commands import DisplaceCommand
from common.errors import NotFound
from orchestration.selectors.environments import environment_get
from orchestration.selectors.targets import locks_held
from orchestration.services.state_files import lock_break


class Command(DisplaceCommand):
    help = (
        "Without arguments: the locks of OpenTofu's and Terraform's states that are held now. With "
        "a resource: break its lock, once the run that took it is dead."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("environment", nargs="?", default="", metavar="ENVIRONMENT")
        parser.add_argument("resource", nargs="?", default="", metavar="RESOURCE")
        parser.add_argument("--reason", default="", help="why; it goes into the run's log")
        parser.add_argument(
            "--as", dest="username", default="", help="who acts; not needed if there is one person"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["environment"]:
            self._break(options)
            return
        for file in locks_held():
            environment = file.resource.environment
            since = f"{localtime(file.locked_at):%Y-%m-%d %H:%M}" if file.locked_at else ""
            who = file.lock.get("Who", "")
            self.stdout.write(f"{environment.reference} {file.resource.name} · {since} · {who}")

    def _break(self, options: dict[str, Any]) -> None:
        environment = environment_get(options["environment"])
        resource = environment.resources.filter(name=options["resource"]).first()
        if resource is None:
            raise NotFound(f"{environment.reference} has no resource “{options['resource']}”.")
        actor = acting(options["username"])
        lock_break(actor=actor, resource_id=resource.pk, reason=options["reason"])
        self.stdout.write("The lock is broken.")
