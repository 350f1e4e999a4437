"""An organisation's own blueprints: read from a Git repository, as proposals, never run from it."""

import logging
import re
from collections import defaultdict
from collections.abc import Sequence

from django.db import IntegrityError, transaction

from accounts.selectors import User
from analysis import services as analysis_services
from analysis.selectors import tips
from analysis.services import FolderFile
from common import clock
from common.errors import NotFound, Refused
from common.sweeping import swept
from orchestration.adapters.catalogue import MANIFEST, Found
from orchestration.domain.documents import UNSEEN
from orchestration.domain.manifests import MOST_BYTES, NAME, PATH, BadManifest
from orchestration.models import Blueprint, BlueprintSource
from orchestration.services.blueprints import (
    blueprint_for,
    require_operator,
    sound,
    version_record,
)

log = logging.getLogger(__name__)

LONGEST_FOLDER = 200
MOST_FILES = 5000
MOST_BLUEPRINTS = 100
MOST_PROBLEMS = 200
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def source_add(*, actor: User, name: str, repository_id: int, folder: str = "") -> BlueprintSource:
    """Name a repository, known to analysis, whose folder holds blueprints; it is read at once.

    Raises Denied to whoever is no operator, and Refused with the field at fault.
    """
    require_operator(actor)
    if not NAME.fullmatch(name):
        raise Refused("A name has small letters, digits and dashes, at most 40.", "name")
    place = folder.strip("/")
    if place and (len(place) > LONGEST_FOLDER or not PATH.fullmatch(place)):
        raise Refused("That is no folder of a repository.", "folder")
    if repository_id not in tips.repository_ids():
        raise NotFound(f"There is no repository {repository_id}.")
    try:
        with transaction.atomic():
            source = BlueprintSource.objects.create(
                name=name,
                repository_id=repository_id,
                folder=place,
                created_at=clock.now(),
                created_by=actor,
            )
    except IntegrityError:
        raise Refused(f"There is a source “{name}” already.", "name") from None
    return source_read(source_id=source.pk)


def source_read(*, source_id: int) -> BlueprintSource:
    """Read every blueprint at the commit that was analysed last; what is new is only proposed.

    What cannot be read is kept in `problems`, in words; it raises NotFound for no source alone.
    """
    source = BlueprintSource.objects.filter(pk=source_id).first()
    if source is None:
        raise NotFound(f"There is no source {source_id} of blueprints.")
    commit, problems = source.read_commit, []
    try:
        commit, entries = analysis_services.head_folder(
            repository_id=source.repository_id,
            folder=source.folder,
            most_files=MOST_FILES,
            largest=MOST_BYTES,
        )
        problems = _take_in(source, commit, entries)
    except (NotFound, Refused) as error:
        problems = [error.message]
    source.read_commit, source.read_at = commit, clock.now()
    source.problems = problems[:MOST_PROBLEMS]
    source.save(update_fields=["read_commit", "read_at", "problems"])
    return source


def source_reread(*, actor: User, source_id: int) -> BlueprintSource:
    """Read a source now because somebody asks for it. Needs an operator."""
    require_operator(actor)
    return source_read(source_id=source_id)


def sources_sweep() -> int:
    """Read those sources again whose default branch was analysed at another commit since."""

    def act(source: BlueprintSource) -> bool:
        sha = tips.analysed_tip(source.repository_id).sha
        if not sha or sha == source.read_commit:
            return False
        source_read(source_id=source.pk)
        return True

    return swept(BlueprintSource.objects.all(), act)


def _take_in(source: BlueprintSource, commit: str, entries: Sequence[FolderFile]) -> list[str]:
    """Record what is new, and say what is wrong, blueprint by blueprint."""
    problems = []
    found = _folders(entries)
    if not found:
        problems.append(f"There is no folder with a {MANIFEST} in {source.folder or 'it'}.")
    if len(found) > MOST_BLUEPRINTS:
        problems.append(f"Only the first {MOST_BLUEPRINTS} of {len(found)} blueprints are read.")
    for one in found[:MOST_BLUEPRINTS]:
        try:
            _record(source, commit, one)
        except BadManifest as error:
            problems += [f"{one.name}: {text}" for text in error.problems]
        except Refused as error:
            problems.append(f"{one.name}: {error.message}")
    names = {f"{source.name}/{one.name}" for one in found}
    gone = Blueprint.objects.filter(source=source, current__isnull=False).exclude(name__in=names)
    problems += [
        f"{one.name} is not in the repository any more: retire it." for one in gone.order_by("name")
    ]
    return problems


@transaction.atomic
def _record(source: BlueprintSource, commit: str, found: Found) -> None:
    document, manifest = sound(found)
    blueprint = blueprint_for(f"{source.name}/{manifest.name}", manifest, source=source)
    version, is_new = version_record(blueprint, document, found.files, commit=commit)
    if is_new:
        log.info("%s version %s is proposed, from %s", blueprint.name, version.number, commit)


def _folders(entries: Sequence[FolderFile]) -> list[Found]:
    """Each folder that has a manifest, with its files; whatever is no plain text is a problem."""
    below: dict[str, list[FolderFile]] = defaultdict(list)
    for entry in entries:
        name, slash, _rest = entry.path.partition("/")
        if slash:
            below[name].append(entry)
    with_manifest = {
        name: files
        for name, files in below.items()
        if any(one.path == f"{name}/{MANIFEST}" for one in files)
    }
    return [_folder(name, files) for name, files in sorted(with_manifest.items())]


def _folder(name: str, entries: Sequence[FolderFile]) -> Found:
    files: dict[str, str] = {}
    problems = []
    for entry in entries:
        path = entry.path.removeprefix(f"{name}/")
        try:
            files[path] = _text(entry)
        except ValueError as error:
            problems.append(f"{path[:100]}: {error}")
    return Found(name[:40], files.pop(MANIFEST, ""), files, problems)


def _text(entry: FolderFile) -> str:
    """Raises ValueError with what is wrong."""
    if not entry.is_file:
        raise ValueError("symbolic links and submodules are not followed.")
    if entry.content is None:
        raise ValueError(f"it is larger than {MOST_BYTES // 1024} KiB.")
    try:
        text = entry.content.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("it is no text in UTF-8.") from None
    if _CONTROL.search(text) or UNSEEN.search(text):
        raise ValueError("it holds characters that are not printed.")
    return text
