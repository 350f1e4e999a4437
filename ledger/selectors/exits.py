"""Whether a debt's exit condition holds, as far as it can be measured."""

from analysis import selectors as analysis_selectors
from ledger.domain.exit_conditions import Standing, Verdict, condition_of, verdict
from ledger.models import DebtItem


def exit_verdict(item: DebtItem) -> Verdict | None:
    """The verdict of the newest snapshot; None where a person has to judge."""
    condition = condition_of(item.exit_condition)
    if condition is None:
        return None
    path = condition.path or item.path
    if condition.measure == "annotation":
        return verdict(condition, Standing(is_present=item.present), path)
    if item.repository_id is None or not path:
        return None
    found = analysis_selectors.code_standing(repository_id=item.repository_id, path=path)
    if found is None:
        return None
    standing = Standing(
        found.commit_sha, complexity=found.complexity, is_in_cycle=found.is_in_cycle
    )
    return verdict(condition, standing, path)
