"""Seal every stored secret with the newest encryption key."""

from typing import Any

from common.commands import DisplaceCommand
from common.encryption import reseal_all


class Command(DisplaceCommand):
    """Run it after putting a new key in front of DISPLACE_ENCRYPTION_KEYS."""

    help = (
        "Seal every stored secret with the first key of DISPLACE_ENCRYPTION_KEYS; afterwards the "
        "other keys can be taken away."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        count = reseal_all()
        secrets = "secret is" if count == 1 else "secrets are"
        self.stdout.write(f"{count} {secrets} sealed with the newest key.")
