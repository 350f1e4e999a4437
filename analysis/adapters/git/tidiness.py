"""Whether a mirror has gathered enough small fetches to be worth packing."""

from pathlib import Path

# Git spreads loose objects evenly over 256 folders and looks at this one to guess their number.
_SAMPLE = "17"
_LOOSE_IN_SAMPLE = 8  # about 2,000 in all


def is_untidy(git_dir: Path) -> bool:
    """Whether readers would profit from packing, or from a new commit graph.

    A fetch of a few commits leaves some loose objects, which cost a reader nothing; writing the
    graph anew for them takes longer than the fetch itself. One that brings a pack is worth it.
    """
    objects = git_dir / "objects"
    written = _changed_at(objects / "info" / "commit-graphs" / "commit-graph-chain")
    if any(_changed_at(pack) > written for pack in (objects / "pack").glob("*.pack")):
        return True
    return sum(1 for _ in (objects / _SAMPLE).glob("*")) >= _LOOSE_IN_SAMPLE


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # not there, or just repacked
        return 0.0
