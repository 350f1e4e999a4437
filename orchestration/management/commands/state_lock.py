"""`state_lock [ENVIRONMENT RESOURCE]`: who has the lock of a state, and breaking one."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.timezone import localtime

from accounts.management.actors import acting
from common import clock
from common.commands import DisplaceCommand
from common.errors import NotFound
from orchestration.models import StateFile
from orchestration.selectors.documents import lock_document
from orchestration.selectors.environments import environment_get
from orchestration.selectors.targets import locks_held
from orchestration.services.state_files import is_at_work, lock_break


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
        parser.add_argument("--json", action="store_true", help="print JSON alone")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["environment"]:
            self._break(options)
            return
        held = locks_held()
        if options["json"]:
            self.report_json({"schema": 1, "locks": [_document(one) for one in held]})
            return
        for file in held:
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
        held = next((one for one in locks_held() if one.resource_id == resource.pk), None)
        lock_break(actor=actor, resource_id=resource.pk, reason=options["reason"])
        if options["json"]:
            self.report_json({"schema": 1, "broken": held and _document(held)})
        else:
            self.stdout.write("The lock is broken.")


def _document(file: StateFile) -> dict[str, Any]:
    run = file.locked_by_run
    return lock_document(file, is_at_work=run is not None and is_at_work(run, clock.now()))
