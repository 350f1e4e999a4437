"""Every engine by its name, in the order in which a person is offered them."""

from collections.abc import Mapping

from orchestration.engines.ansible import Ansible
from orchestration.engines.awx import Awx
from orchestration.engines.displace_cli import DisplaceCli
from orchestration.engines.engine import Engine, EngineFailed
from orchestration.engines.github_actions import GitHubActions
from orchestration.engines.kubernetes import Kubernetes
from orchestration.engines.nomad import Nomad
from orchestration.engines.terraform import Terraform
from orchestration.engines.webhook import Webhook

_ALL: tuple[Engine, ...] = (
    Ansible(),
    Terraform(),
    GitHubActions(),
    Kubernetes(),
    Awx(),
    Nomad(),
    DisplaceCli(),
    Webhook(),
)
ENGINES: Mapping[str, Engine] = {one.name: one for one in _ALL}


def engine_of(name: str) -> Engine:
    """The engine with this name. Raises EngineFailed for one that this version does not have."""
    if name not in ENGINES:
        raise EngineFailed(
            f"This version of Displace has no engine “{name[:40]}”.",
            "Use a target of another engine, or the version that has it.",
        )
    return ENGINES[name]
