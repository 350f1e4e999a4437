"""Registering repositories."""

import hashlib
import shutil
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.text import slugify

from analysis.adapters.git import GitError, Mirror, Unreachable
from analysis.adapters.git.probe import probe
from analysis.domain.locations import Location, LocationRefused, parse_location, with_userinfo
from analysis.models import AnalysisRun, Repository
from analysis.services.history_writing import history_forget
from analysis.services.runs import analysis_request
from analysis.services.snapshots import rows_delete
from common import clock
from common.encryption import CannotOpen, seal, unseal
from common.errors import Refused


def repository_register(
    *, location: str, name: str = "", added_by_id: int | None = None, base: Path | None = None
) -> Repository:
    """Return the repository of a path or URL, registering it when it is new.

    Without a name it is called after its place, with the folder above when that name is taken.
    A relative path starts from `base`. A known address with another password or token brings the
    repository up to date with that. The place is looked at first: Refused (field "location")
    says what is wrong with it, and nothing is registered.
    """
    try:
        place = _place(location, base)
        known = Repository.objects.filter(location=place.bare_url).first()
        if known is not None and not _brings_credentials(place, known):
            return known
        probe(place)
    except (LocationRefused, GitError) as error:
        raise Refused(str(error), field="location") from error
    if known is not None:
        known.credentials = seal(place.userinfo)
        known.save(update_fields=["credentials"])
        return known
    shown = (name or _free_name(place)).strip()[:120] or "repository"
    try:
        with transaction.atomic():
            return Repository.objects.create(
                name=shown,
                slug=_free_slug(shown),
                location=place.bare_url,
                credentials=seal(place.userinfo) if place.userinfo else "",
                kind=place.kind,
                added_by_id=added_by_id,
                created_at=clock.now(),
            )
    except IntegrityError:  # registered by somebody else in this very moment
        return Repository.objects.get(location=place.bare_url)


def repository_remove(*, repository: Repository) -> None:
    """Forget a repository: its snapshots, history and mirror.

    Refused while debt is registered in it (that stays on record) and while it is being analysed.
    Content facts stay: they are true of the content wherever it stands.
    """
    mirror = mirror_of(repository)
    try:
        with transaction.atomic():
            if repository.runs.filter(state__in=AnalysisRun.OPEN).exists():
                raise Refused(
                    f"{repository.name} is being analysed; remove it when that has ended."
                )
            repository.current_snapshot = None
            repository.save(update_fields=["current_snapshot"])
            rows_delete(repository.snapshots.values_list("pk", flat=True))
            history_forget(repository=repository)
            repository.delete()
    except ProtectedError as error:
        raise Refused(
            f"Debt is registered in {repository.name}, and registered debt stays on record; the "
            "repository cannot be removed."
        ) from error
    shutil.rmtree(mirror.path, ignore_errors=True)


def _place(location: str, base: Path | None) -> Location:
    # Only who works on this host itself (a command) can mean a path by a relative name or ~.
    if base is None:
        return parse_location(location)
    return parse_location(location, base=str(base), home=str(Path.home()))


def location_of(repository: Repository) -> Location:
    """Return where the repository is fetched from, with what opens it.

    Raises Unreachable, which whoever asks Git expects, when its password or token was sealed with
    a key that is gone.
    """
    try:
        userinfo = unseal(repository.credentials) if repository.credentials else ""
    except CannotOpen as error:
        raise Unreachable(error.message) from error
    return parse_location(with_userinfo(repository.location, userinfo))


def _brings_credentials(place: Location, known: Repository) -> bool:
    """Whether the address holds a password or token other than the one that is stored."""
    if not place.userinfo:
        return False
    try:
        return not known.credentials or unseal(known.credentials) != place.userinfo
    except CannotOpen:  # its key is gone: the new one takes its place
        return True


def mirror_of(repository: Repository) -> Mirror:
    """Return the repository's mirror in the data directory; it may not be there yet.

    A mirror is a copy of a place and named after it, not after a row: a data directory that
    outlives its database can never show one repository's objects as another's.
    """
    digest = hashlib.sha256(repository.location.encode()).hexdigest()
    return Mirror(settings.DATA_DIR / "mirrors" / f"{digest[:24]}.git")


def refreshes_request() -> list[AnalysisRun]:
    """Ask for an analysis of every repository that never had one.

    Whether a later one is due depends on the tip, which is watched where hooks are heard.
    """
    fresh = Repository.objects.filter(runs__isnull=True)
    return [analysis_request(repository=repository) for repository in fresh]


def _free_name(place: Location) -> str:
    is_taken = Repository.objects.filter(name__iexact=place.name).exists()
    return place.longer_name if is_taken else place.name


def _free_slug(name: str) -> str:
    stem = slugify(name.replace("/", "-").replace("+", "-"))[:120] or "repository"
    taken = set(Repository.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    if stem not in taken:
        return stem
    return next(slug for n in range(2, len(taken) + 3) if (slug := f"{stem}-{n}") not in taken)
