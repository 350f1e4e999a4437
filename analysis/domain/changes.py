"""What a change is made of: the files and the commits between two points of a history."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A file that differs. `old_path` only for a rename; an `oid` is None where no file is."""

    path: str
    old_path: str | None
    oid: str | None
    old_oid: str | None

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path that the change touches here."""
        return (self.path,) if self.old_path is None else (self.path, self.old_path)

    @property
    def before(self) -> str:
        """Where the file stood before the change."""
        return self.old_path or self.path


@dataclass(frozen=True, slots=True)
class ChangeCommit:
    """One commit of the change, its author through .mailmap."""

    sha: str
    author_name: str
    author_email: str
    message: str
