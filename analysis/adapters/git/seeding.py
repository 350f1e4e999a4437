"""A first copy of a local repository, file by file."""

import shutil
import tempfile
from pathlib import Path

from analysis.adapters.git.errors import GitError
from analysis.adapters.git.process import Git
from analysis.domain.locations import Location


def seed(path: Path, source: Location) -> bool:
    """Copy the objects and branches of a local source to a new mirror at `path`.

    Returns False where that is not possible (a remote or shallow source, one that borrows objects
    from elsewhere, a damaged one): the fetch then does all the work, or says what is wrong.
    Files are copied, not linked: nobody can change the mirror by changing the source. Call it for
    one mirror from one process at a time.
    """
    if source.kind != "local":
        return False
    for remains in path.parent.glob(f"{path.name}.seed-*"):  # of a worker that was killed
        shutil.rmtree(remains, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{path.name}.seed-", dir=path.parent))
    try:
        copy = folder / "copy.git"
        Git(copy).output(
            "clone", "--bare", "--local", "--no-hardlinks", "--quiet", "--template=", "--",
            source.url, str(copy),
        )  # fmt: skip
        borrows = (copy / "objects" / "info" / "alternates").exists()
        if borrows or (copy / "shallow").exists():
            return False
        copy.rename(path)
    except (GitError, OSError):
        return (path / "HEAD").exists()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return True
