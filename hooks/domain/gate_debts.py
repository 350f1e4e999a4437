"""What a change does to debt: what it brings, closes, and touches although it has expired."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from hooks.domain.gate import Closing, Suspicion
from hooks.domain.gate_inputs import CommitTrailer, DebtChange, KnownDebt
from ledger.domain.annotations import Annotation, Mark, Unregistered, without_twins
from ledger.domain.policy import Rule
from ledger.domain.terms import Confidence, Problem
from ledger.domain.texts import day_words
from ledger.domain.trailers import TrailerKind

_EXAMPLE = "DEBT(some-name, owner=team) [YYYY-MM-DD]: text"


def suspicions_of(change: DebtChange) -> list[Suspicion]:
    """Everything that the rules of debt have to say, whatever the policy makes of it."""
    return [
        *_expired(change),
        *_brought(change),
        *_unreadable(change),
        *_twins(change),
        *_announced(change),
        *_mistaken(change),
    ]


def closings_of(change: DebtChange) -> tuple[Closing, ...]:
    """The debts that the merge would close."""
    titles = {debt.slug: debt.title for debt in change.known if debt.slug}
    closings = {}
    for slug, mark in _gone(change).items():
        title = titles.get(slug, mark.text)
        closings[slug] = Closing(slug, title, mark.path, mark.line, "removed")
    for said in _said(change, TrailerKind.PAID):
        slug = said.trailer.slug
        known = next((debt for debt in change.known if slug and debt.slug == slug), None)
        # The register does not take a payment of debt that nobody has accepted.
        if known is not None and known.is_accepted:
            closings[slug] = Closing(slug, known.title, known.path, known.line, "paid", said.commit)
    return tuple(closings[slug] for slug in sorted(closings))


def unknown_payments(change: DebtChange) -> list[str]:
    """The ids that trailers call paid although neither register nor code knows them."""
    known = {debt.slug for debt in change.known} | _slugs(change.before) | _slugs(change.after)
    said = {one.trailer.slug for one in _said(change, TrailerKind.PAID)}
    return sorted(said - known)


def premature_payments(change: DebtChange) -> list[str]:
    """The ids that trailers call paid although nobody has accepted that debt."""
    proposed = {debt.slug for debt in change.known if not debt.is_accepted}
    said = {one.trailer.slug for one in _said(change, TrailerKind.PAID)}
    return sorted(said & proposed - set(_gone(change)))


def _expired(change: DebtChange) -> Iterator[Suspicion]:
    closed = {closing.debt for closing in closings_of(change)}
    seen = {debt.slug for debt in change.known if debt.slug}
    before = _slugs(change.before)
    for debt in change.known:
        if debt.due_on >= change.today or debt.name in closed:
            continue
        # By its mark too: the register may know it where another branch has moved it.
        if _touches(change, debt.path) or debt.slug in before:
            yield _overdue(debt, change.today)
    for mark in _annotations(change.after):
        is_old = mark.slug in before and mark.slug not in seen
        if is_old and mark.expires_on < change.today:
            yield _overdue(_unregistered(mark), change.today)


def _touches(change: DebtChange, path: str) -> bool:
    """Whether the change touches this very file, or a file below this very folder."""
    if not path:
        return False
    folder = path.rstrip("/") + "/"
    return path in change.paths or any(one.startswith(folder) for one in change.paths)


def _overdue(debt: KnownDebt, today: date) -> Suspicion:
    days = (today - debt.due_on).days
    since = "1 day" if days == 1 else f"{days} days"
    return Suspicion(
        Rule.EXPIRED_DEBT,
        f"This change touches {debt.path}, where the debt “{debt.title}” of {debt.owner} has been "
        f"expired for {since} (since {day_words(debt.due_on)}).",
        f"Pay it with this change (remove its mark, or write “Debt-Paid: {debt.slug}” in the "
        "commit message), or have it extended in the register."
        if debt.slug
        else f"Pay {debt.reference}, or have it extended in the register.",
        path=debt.path,
        line=debt.line,
        debt=debt.name,
        overdue_days=days,
    )


def _unregistered(mark: Annotation) -> KnownDebt:
    return KnownDebt("", mark.slug, mark.text, mark.owner, mark.path, mark.line, mark.expires_on)


def _brought(change: DebtChange) -> Iterator[Suspicion]:
    before = {mark.slug: mark for mark in _annotations(change.before)}
    known = {debt.slug: debt for debt in change.known if debt.slug}
    elsewhere = _slugs(change.elsewhere)
    for mark in _annotations(change.after):
        old, debt = before.get(mark.slug), known.get(mark.slug)
        if old is None and mark.slug in elsewhere:
            continue  # a twin, which is told so and cannot be registered anyway
        yield from _dated(mark, old, debt, change)
        yield from _described(mark, old, debt)
        if old is None:
            yield from _weighed(mark, debt, change)


def _dated(
    mark: Annotation, old: Annotation | None, debt: KnownDebt | None, change: DebtChange
) -> Iterator[Suspicion]:
    """Debt that the register knows keeps the register's date, whatever the mark says."""
    if debt is not None or (old is not None and mark.expires_on <= old.expires_on):
        return
    if old is None and mark.expires_on < change.today:
        yield _of_mark(
            Rule.MISSING_EXPIRY,
            mark,
            f"The new debt “{mark.slug}” is to be paid by {day_words(mark.expires_on)}, which is "
            "over.",
            "Promise today or a later day.",
        )
    latest = change.today + timedelta(days=change.policy.longest_terms[Confidence.MEDIUM])
    if mark.expires_on > latest:
        yield _of_mark(
            Rule.TERM_TOO_LONG,
            mark,
            f"The debt “{mark.slug}” is to last until {day_words(mark.expires_on)}, longer than "
            f"the policy allows ({day_words(latest)}).",
            f"Promise {latest.isoformat()} or an earlier day.",
        )


def _described(
    mark: Annotation, old: Annotation | None, debt: KnownDebt | None
) -> Iterator[Suspicion]:
    has_impact, has_plan = bool(mark.impact), bool(mark.plan)
    if not has_impact and not (debt and debt.has_impact) and (old is None or old.impact):
        yield _of_mark(
            Rule.MISSING_IMPACT,
            mark,
            f"The debt “{mark.slug}” does not say what it costs the business.",
            'Add impact="what, how much, until when" to its mark, or describe it in the register.',
        )
    if not has_plan and not (debt and debt.has_plan) and (old is None or old.plan):
        yield _of_mark(
            Rule.MISSING_PLAN,
            mark,
            f"The debt “{mark.slug}” does not say how it will be paid.",
            'Add plan="the first step" to its mark, or a plan in the register.',
        )


def _weighed(mark: Annotation, debt: KnownDebt | None, change: DebtChange) -> Iterator[Suspicion]:
    """New debt that is hard to take back, or that its system cannot afford."""
    if debt is not None and debt.is_one_way and not debt.is_accepted:
        yield _of_mark(
            Rule.ONE_WAY_DOOR,
            mark,
            f"The debt “{mark.slug}” is a one-way door that nobody has accepted yet.",
            f"Have {debt.reference} accepted in the register before merging.",
        )
    if ((debt.system if debt else "") or change.default_system) in change.full_systems:
        yield _of_mark(
            Rule.OVER_CEILING,
            mark,
            f"The debt “{mark.slug}” comes to a system whose debt already costs more than the "
            "policy's ceiling.",
            "Pay other debt of the system first, or ask for a waiver.",
        )


def _unreadable(change: DebtChange) -> Iterator[Suspicion]:
    """Marks that are no registered debt and were not there before."""
    old = Counter((mark.kind, mark.text) for mark in _problems(change.before))
    for mark in _problems(change.after):
        if old[mark.kind, mark.text] > 0:
            old[mark.kind, mark.text] -= 1
            continue
        rule, advice = _fault(mark)
        yield Suspicion(
            rule,
            f"This mark of debt cannot be registered. {mark.reason}",
            advice,
            path=mark.path,
            line=mark.line,
            debt=mark.slug,
            key=mark.text,
        )


def _fault(mark: Unregistered) -> tuple[Rule, str]:
    if mark.kind is Problem.CANDIDATE:
        return Rule.MISSING_EXPIRY, f"Give it an id, an owner and a date: {_EXAMPLE}."
    if mark.reason.startswith("Say until when"):
        return Rule.MISSING_EXPIRY, f"Add the date after the bracket: {_EXAMPLE}."
    if mark.reason.startswith("Name who owns"):
        return Rule.MISSING_OWNER, f"Add the owner: {_EXAMPLE}."
    return Rule.MALFORMED_ANNOTATION, f"Write it as {_EXAMPLE}."


def _twins(change: DebtChange) -> Iterator[Suspicion]:
    """Ids that the change gives to a second debt."""
    before: defaultdict[str, list[str]] = defaultdict(list)
    for mark in _annotations(change.before):
        before[mark.slug].append(mark.path)
    after = Counter(mark.slug for mark in _annotations(change.after))
    for twin in without_twins([*change.after, *change.elsewhere]):
        if not isinstance(twin, Unregistered) or twin.kind is not Problem.DUPLICATE:
            continue
        if after[twin.slug] <= len(before[twin.slug]):
            continue  # it was like this before, or stands only in files left alone
        if twin.path not in change.paths or _was_there(twin, change, before[twin.slug]):
            continue
        yield Suspicion(
            Rule.DUPLICATE_ANNOTATION,
            twin.reason,
            "Neither of the two can be registered until one has another id.",
            path=twin.path,
            line=twin.line,
            debt=twin.slug,
            key=twin.text,
        )


def _was_there(mark: Unregistered, change: DebtChange, places: Sequence[str]) -> bool:
    old_path = change.renamed.get(mark.path, mark.path)
    here = sum(
        one.slug == mark.slug and one.path == mark.path for one in _annotations(change.after)
    )
    return places.count(old_path) >= here


def _announced(change: DebtChange) -> Iterator[Suspicion]:
    """Debt that a commit message brings: it has an owner and a date by its form."""
    known = {debt.slug for debt in change.known} | _slugs(change.after) | _slugs(change.elsewhere)
    for said in _said(change, TrailerKind.DEBT):
        slug = said.trailer.slug
        if slug in known:
            continue
        for rule, lack in (
            (Rule.MISSING_IMPACT, "what it costs the business"),
            (Rule.MISSING_PLAN, "how it will be paid"),
        ):
            yield Suspicion(
                rule,
                f"Commit {said.commit[:12]} announces the debt “{slug}” without saying {lack}.",
                "Describe it in the register, or mark it in the code with impact= and plan=.",
                debt=slug,
                key=said.trailer.text,
            )


def _mistaken(change: DebtChange) -> Iterator[Suspicion]:
    """Lines of commit messages that were meant for the register and would not reach it."""
    for found in change.mistakes:
        line = found.mistake.line[:100]
        yield Suspicion(
            Rule.MALFORMED_ANNOTATION,
            f"Commit {found.commit[:12]} says “{line}”. {found.mistake.reason}",
            "Correct the commit message; as it stands the line does nothing.",
            key=found.mistake.line,
        )


def _gone(change: DebtChange) -> dict[str, Annotation]:
    """The marks that the change removes; one that can no longer be read is not gone."""
    still = _slugs(change.after) | _slugs(change.elsewhere)
    return {mark.slug: mark for mark in _annotations(change.before) if mark.slug not in still}


def _of_mark(rule: Rule, mark: Annotation, message: str, advice: str) -> Suspicion:
    return Suspicion(
        rule,
        message,
        advice,
        path=mark.path,
        line=mark.line,
        end_line=mark.end_line,
        debt=mark.slug,
    )


def _said(change: DebtChange, kind: TrailerKind) -> list[CommitTrailer]:
    return [one for one in change.trailers if one.trailer.kind is kind]


def _annotations(marks: Iterable[Mark]) -> list[Annotation]:
    return [mark for mark in marks if isinstance(mark, Annotation)]


def _problems(marks: Iterable[Mark]) -> list[Unregistered]:
    return [mark for mark in marks if isinstance(mark, Unregistered)]


def _slugs(marks: Iterable[Mark]) -> set[str]:
    return {mark.slug for mark in marks if mark.slug}
