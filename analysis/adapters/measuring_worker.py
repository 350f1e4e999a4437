"""The measuring process: Git's objects in on stdin, facts out on stdout.

Started by `measuring` with the output of `git cat-file --batch` as its stdin. It imports nothing
but the measuring rules, so that it starts at once; it may crash or be killed at any time; and it
ends with its stdin, so it cannot outlive its parent for longer than one file's time limit.
"""

from __future__ import annotations

import gc
import marshal
import resource
import signal
import struct
import sys
import warnings
from operator import attrgetter
from typing import BinaryIO

from analysis.domain.python_source import measure_python
from analysis.domain.source import (
    Function,
    Halstead,
    ImportStatement,
    RawCounts,
    SourceError,
    SourceFacts,
    SourceUnreadable,
)

# Every message is its length and that many bytes; an empty one says that the process is ready.
LENGTH = struct.Struct("<I")
_PIECE = 1 << 16

_raw = attrgetter(*RawCounts.__slots__)
_function = attrgetter(*Function.__slots__)
_halstead = attrgetter(*Halstead.__slots__)
_import = attrgetter(*ImportStatement.__slots__)


def pack(result: SourceFacts | SourceError) -> bytes:
    """Return the message for one file."""
    if isinstance(result, SourceError):
        return marshal.dumps((result.reason, result.detail, result.line))
    return marshal.dumps(
        (
            _raw(result.raw),
            tuple(map(_function, result.functions)),
            result.complexity,
            result.complexity_max,
            _halstead(result.halstead),
            result.maintainability_index,
            tuple(map(_import, result.imports)),
        )
    )


def unpack(message: bytes) -> SourceFacts | SourceError:
    """Return what `pack` was given. Only for what our own process wrote."""
    fields = marshal.loads(message)  # noqa: S302  # from our own child, never from a stranger
    if isinstance(fields[0], str):
        return SourceError(*fields)
    raw, functions, complexity, complexity_max, halstead, index, imports = fields
    return SourceFacts(
        raw=RawCounts(*raw),
        functions=tuple(Function(*values) for values in functions),
        complexity=complexity,
        complexity_max=complexity_max,
        halstead=Halstead(*halstead),
        maintainability_index=index,
        imports=tuple(ImportStatement(*values) for values in imports),
    )


def serve(objects: BinaryIO, results: BinaryIO, *, seconds: float, largest: int) -> None:
    """Measure each object that Git writes, until it stops writing."""
    _send(results, b"")
    while header := objects.readline():
        # "<oid> blob <size>", or "<oid> missing"
        kind, *size = header.split()[1:]
        if kind != b"blob" or not size:
            _skip(objects, int(size[0]) + 1 if size else 0)
            _send(results, pack(SourceError("missing", "Git does not have this content.")))
            continue
        if int(size[0]) > largest:
            _skip(objects, int(size[0]) + 1)
            detail = f"The file has {int(size[0])} bytes, more than the {largest} measured."
            _send(results, pack(SourceError("too_large", detail)))
            continue
        source = objects.read(int(size[0]))
        if not objects.read(1):
            return  # Git ended in the middle: the parent sees who is missing
        # At the end of this much processor time the signal's default action ends the process,
        # wherever it is; the parent reads the reason from the exit status.
        signal.setitimer(signal.ITIMER_PROF, seconds)
        message = pack(_measure(source, largest))
        signal.setitimer(signal.ITIMER_PROF, 0)
        _send(results, message)


def _measure(source: bytes, largest: int) -> SourceFacts | SourceError:
    try:
        return measure_python(source, largest=largest)
    except SourceUnreadable as unreadable:
        return unreadable.error
    except MemoryError:
        return SourceError("too_large", "Measuring the file takes more memory than is allowed.")
    except RecursionError:
        return SourceError("too_deep", "The code is nested too deeply.")


def _skip(objects: BinaryIO, size: int) -> None:
    while size > 0 and (piece := objects.read(min(size, _PIECE))):
        size -= len(piece)


def _send(results: BinaryIO, message: bytes) -> None:
    results.write(LENGTH.pack(len(message)) + message)
    results.flush()


def main(seconds: str, largest: str, memory: str) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    warnings.simplefilter("ignore")
    # Syntax trees have no cycles, and the collector costs a seventh of the parser's time.
    gc.disable()
    serve(sys.stdin.buffer, sys.stdout.buffer, seconds=float(seconds), largest=int(largest))


if __name__ == "__main__":
    main(*sys.argv[1:])
