"""What a probe saw."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Probed:
    """Whether it works as declared, in sentences for a person, and how much it is used now.

    `loads`: by metric (domain.capabilities.Metric).
    """

    is_well: bool
    sentences: tuple[str, ...]
    loads: Mapping[str, float] = field(default_factory=dict)


class ProbeFailed(Exception):
    """We could not look; that never means that it is well. The message is fit for a page."""


def judged(good: str, problems: list[str], loads: Mapping[str, float] | None = None) -> Probed:
    """Well where there is no problem: `good` says then what was seen."""
    return Probed(not problems, tuple(problems) or (good,), loads or {})
