"""The blueprints that come with the product: a folder each, beside this package."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "catalogue"
MANIFEST = "blueprint.yml"


@dataclass(frozen=True, slots=True)
class Found:
    """A blueprint's folder: its manifest as text, and every other file by its path.

    `problems`: what in the folder cannot be taken, in words for a person.
    """

    name: str
    manifest: str
    files: dict[str, str]
    problems: list[str] = field(default_factory=list)


def folders(folder: Path = FOLDER) -> Iterator[Found]:
    """By name; what is hidden is left out."""
    for path in sorted(folder.glob(f"*/{MANIFEST}")):
        files = {
            one.relative_to(path.parent).as_posix(): one.read_text(encoding="utf-8")
            for one in sorted(path.parent.rglob("*"))
            if one.is_file() and one != path and not _is_hidden(one.relative_to(path.parent))
        }
        yield Found(path.parent.name, path.read_text(encoding="utf-8"), files)


def _is_hidden(path: Path) -> bool:
    return any(part.startswith((".", "__")) for part in path.parts)
