"""The policy in force."""

from ledger.domain.policy import DEFAULT_POLICY, Policy


def policy_in_force(*, repository_id: int | None) -> Policy:
    """The organisation's policy with the repository's overrides and its live waivers.

    None asks for debt that is in no repository. Without any stored policy it is the default.
    """
    _ = repository_id
    return DEFAULT_POLICY
