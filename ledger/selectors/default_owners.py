"""Who owns a path when nobody says so: the repository's CODEOWNERS, in our own handles."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from accounts import selectors as accounts_selectors
from analysis import services as analysis_services
from common.errors import DisplaceError
from ledger.domain.codeowners import MOST_BYTES, PLACES, CodeOwners, parse


@dataclass(frozen=True, slots=True)
class DefaultOwner:
    """A handle of ours, or "" with the sentence that says why there is none."""

    handle: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class DefaultOwners:
    """The CODEOWNERS of one repository at its last analysed commit, read once for many paths."""

    place: str = ""
    rules: CodeOwners = field(default_factory=CodeOwners)
    handles: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""

    def of(self, path: str) -> DefaultOwner:
        """The first owner of the path who is a team or an active person here."""
        if not self.place:
            return DefaultOwner("", self.problem or "The repository has no CODEOWNERS.")
        named = self.rules.owners_of(path) if path else ()
        if not named:
            return DefaultOwner("", f"{self.place} names nobody for this path.")
        for owner in named:
            if handle := self.handles.get(_name(owner)):
                return DefaultOwner(handle)
        shown = ", ".join(owner[:80] for owner in named[:3])
        return DefaultOwner(
            "", f"{self.place} names {shown}: no team or active person here has that handle."
        )


def default_owners(repository_id: int | None) -> DefaultOwners:
    """Read the file once; a repository that has none, or cannot be read, gives nobody."""
    if repository_id is None:
        return DefaultOwners(problem="Without a repository there is no CODEOWNERS.")
    return _owners_in(
        lambda: analysis_services.head_file(repository_id=repository_id, paths=PLACES)
    )


def snapshot_owners(snapshot_id: int) -> DefaultOwners:
    """The same for the commit of a snapshot."""
    return _owners_in(lambda: analysis_services.tree_file(snapshot_id=snapshot_id, paths=PLACES))


def _owners_in(read: Callable[[], tuple[str, bytes] | None]) -> DefaultOwners:
    try:
        found = read()
    except DisplaceError as error:
        return DefaultOwners(problem=error.message)
    if found is None:
        return DefaultOwners()
    place, data = found
    if len(data) > MOST_BYTES:
        return DefaultOwners(problem=f"{place} is larger than {MOST_BYTES >> 20} MiB.")
    return DefaultOwners(place, parse(data.decode("utf-8", "replace"), place=place), _handles())


def default_owner(repository_id: int | None, path: str) -> DefaultOwner:
    """Who owns one path; use `default_owners` for many."""
    return default_owners(repository_id).of(path)


def _handles() -> dict[str, str]:
    """Our handles by what CODEOWNERS may call them: a team before a person of the same name."""
    people = accounts_selectors.active_people().exclude(email="").order_by("pk")
    names = {email.lower(): name for email, name in people.values_list("email", "username")}
    owners = reversed(accounts_selectors.owners())
    return {**names, **{owner.handle: owner.handle for owner in owners}}


def _name(owner: str) -> str:
    """ "@Shop/Payments" is our team "payments", "@ann" our person "ann"; roles are nobody."""
    if owner.startswith("@@"):
        return ""
    if owner.startswith("@"):
        return owner.removeprefix("@").rpartition("/")[2].lower()
    return owner.lower()
