"""Comments that might be debt, and how they are known again in the next tree.

    # TODO: carts live in process memory
    # DEBT: the tax rate is in the code

Only what begins a comment line counts. A candidate has no id, so it is known by where it stands
and what it says: same path and text; then the same text after a rename, counted from the top of
the file; then the same text moved elsewhere; then an edited text between the same neighbours. Where
more than one could be meant, it is a new candidate: two are never merged in silence.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from typing import TypeVar

from ledger.domain.annotations import INVISIBLE, decode
from ledger.domain.candidate_terms import CandidateKind
from ledger.domain.comments import CommentLine, comment_lines

Hashed = TypeVar("Hashed", bound=Hashable)

# What analysis.services.tree_files looks for.
NEEDLE = "|".join(kind.value for kind in CandidateKind)
MOST_IN_FILE = 500
MOST_TEXT = 300
# Edited texts are the same candidate when they are this alike (0 to 1, difflib's ratio).
ALIKE = 0.6
# A shorter text says too little to be known again in another file.
TELLING_LENGTH = 15
# Of more than this in one file the edited ones count as new.
MOST_COMPARED = 60

_WORD = re.compile(r"(?:DEBT|FIXME|HACK|TODO|XXX)")
_START = re.compile(
    r"[-*@\s]{0,4}(?:(FIXME|HACK|TODO|XXX)\b(?:\s?\([^)\n]{0,60}\))?|(DEBT)\s?(?=:))[\s:,.\-\u2013\u2014]*(.*)"
)


@dataclass(frozen=True, slots=True)
class Seen:
    """A candidate in a tree. The ordinal counts equal texts of a file from its top, from 1."""

    kind: CandidateKind
    path: str
    line: int
    text: str
    text_hash: str
    context_hash: str
    ordinal: int


@dataclass(frozen=True, slots=True)
class Known:
    """A candidate as it was last seen; `decision` is what people made of it."""

    key: int
    path: str
    text: str
    text_hash: str
    context_hash: str
    ordinal: int
    is_present: bool
    decision: str


@dataclass(frozen=True, slots=True)
class Matching:
    """Index of a seen candidate -> key of the known one; the rest is new, or gone."""

    pairs: Mapping[int, int]
    new: Sequence[int]
    gone: Sequence[int]


def candidates_in(path: str, language: str | None, content: bytes) -> list[Seen]:
    """The candidates of one file, top to bottom."""
    source = decode(content)
    if not _WORD.search(source):
        return []
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    counts: dict[str, int] = defaultdict(int)
    found = []
    for comment in comment_lines(source, language):
        match = _START.match(comment.text)
        if match is None:
            continue
        kind = CandidateKind(match[1] or match[2])
        text = INVISIBLE.sub("\ufffd", match[3]).strip()[:MOST_TEXT]
        digest = _text_hash(kind, text)
        counts[digest] += 1
        context = _context(lines, comment)
        found.append(Seen(kind, path, comment.line, text, digest, context, counts[digest]))
        if len(found) >= MOST_IN_FILE:
            break
    return found


def known_again(
    known: Iterable[Known], seen: Sequence[Seen], renames: Mapping[str, str]
) -> Matching:
    """Which of the seen candidates are known ones.

    `known` are those of the files that changed or went, and those that went before.
    """
    matcher = _Matcher(list(known), seen, renames)
    matcher.same_place()
    matcher.moved()
    matcher.edited()
    return Matching(
        matcher.pairs,
        sorted(matcher.unseen),
        sorted(key for key, one in matcher.left.items() if one.is_present),
    )


def slug_for(text: str, taken: Iterable[str]) -> str:
    """An id made of a text's first words that is not taken."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    stem = "-".join(words[:5])[:50].strip("-") or "debt"
    if len(stem) < 2:
        stem = f"debt-{stem}"
    used = set(taken)
    if stem not in used:
        return stem
    return next(slug for n in range(2, len(used) + 3) if (slug := f"{stem}-{n}") not in used)


def annotation_for(slug: str, owner: str, due_on: date, text: str) -> str:
    """The annotation that belongs into the code once a candidate is a debt."""
    return f"DEBT({slug}, owner={owner}) [{due_on}]: {' '.join(text.split())}"


def _normal(text: str) -> str:
    return " ".join(text.casefold().split()).strip(" .!:;,-")


def _text_hash(kind: CandidateKind, text: str) -> str:
    return hashlib.sha256(f"{kind.value}\0{_normal(text)}".encode()).hexdigest()


def _context(lines: Sequence[str], comment: CommentLine) -> str:
    """What the nearest lines with something on them say, before and after."""
    before = next(_written(lines[max(comment.line - 20, 0) : comment.line - 1][::-1]), "")
    after = next(_written(lines[comment.line : comment.line + 20]), "")
    return hashlib.sha256(f"{before}\0{after}".encode()).hexdigest()


def _written(lines: Iterable[str]) -> Iterator[str]:
    return (text for line in lines if (text := line.strip()))


class _Matcher:
    """Pairs known and seen candidates step by step; what is paired is out of the next steps."""

    def __init__(
        self, known: Sequence[Known], seen: Sequence[Seen], renames: Mapping[str, str]
    ) -> None:
        self.seen = seen
        self.renames = renames
        self.left = {one.key: one for one in known}
        self.unseen = set(range(len(seen)))
        self.pairs: dict[int, int] = {}
        self.by_text: dict[str, list[int]] = defaultdict(list)
        self.by_path: dict[str, list[int]] = defaultdict(list)
        for index, one in enumerate(seen):
            self.by_text[one.text_hash].append(index)
            self.by_path[one.path].append(index)

    def same_place(self) -> None:
        """The same text in the same (or the renamed) file."""
        groups = self._groups(lambda one: (self._place(one), one.text_hash))
        for (path, digest), old in groups.items():
            for is_present in (True, False):
                here = self._unseen_at(path, digest)
                self._pair_alike([one for one in old if one.is_present is is_present], here)

    def moved(self) -> None:
        """The same text in another file, if there is no doubt which."""
        for digest, old in self._groups(lambda one: one.text_hash).items():
            here = self._unseen_at(None, digest)
            self._pair_by_context(old, here)
            rest = [one for one in old if one.key in self.left]
            here = [index for index in here if index in self.unseen]
            if len(rest) == len(here) == 1 and len(_normal(rest[0].text)) >= TELLING_LENGTH:
                self._pair(here[0], rest[0])

    def edited(self) -> None:
        """Another text between the same lines of the same file, if it is like the old one."""
        for path, old in self._groups(self._place).items():
            here = [index for index in self.by_path.get(path, ()) if index in self.unseen]
            present = [one for one in old if one.is_present]
            if len(present) > MOST_COMPARED or len(here) > MOST_COMPARED:
                continue
            for one in present:
                alike = [index for index in here if self._is_edit(one, self.seen[index])]
                rivals = [
                    other
                    for other in present
                    if alike and self._is_edit(other, self.seen[alike[0]])
                ]
                if len(alike) == 1 and rivals == [one] and alike[0] in self.unseen:
                    self._pair(alike[0], one)

    def _pair_alike(self, old: Sequence[Known], here: Sequence[int]) -> None:
        """Equal texts of one file: by their neighbours, then by their order."""
        self._pair_by_context(old, here)
        rest = sorted((one for one in old if one.key in self.left), key=lambda one: one.ordinal)
        here = [index for index in here if index in self.unseen]
        # With fewer left than there were, which one went matters if people decided differently.
        if len(here) >= len(rest) or len({one.decision for one in rest}) == 1:
            for index, one in zip(here, rest, strict=False):
                self._pair(index, one)

    def _pair_by_context(self, old: Sequence[Known], here: Sequence[int]) -> None:
        contexts: dict[str, list[int]] = defaultdict(list)
        for index in here:
            contexts[self.seen[index].context_hash].append(index)
        olds: dict[str, list[Known]] = defaultdict(list)
        for one in old:
            olds[one.context_hash].append(one)
        for context, found in olds.items():
            if len(found) == len(contexts.get(context, ())) == 1:
                self._pair(contexts[context][0], found[0])

    def _is_edit(self, one: Known, now: Seen) -> bool:
        if one.context_hash != now.context_hash:
            return False
        return SequenceMatcher(None, _normal(one.text), _normal(now.text)).ratio() >= ALIKE

    def _pair(self, index: int, one: Known) -> None:
        self.pairs[index] = one.key
        self.unseen.discard(index)
        del self.left[one.key]

    def _place(self, one: Known) -> str:
        return self.renames.get(one.path, one.path)

    def _groups(self, key: Callable[[Known], Hashed]) -> dict[Hashed, list[Known]]:
        groups: dict[Hashed, list[Known]] = defaultdict(list)
        for one in self.left.values():
            groups[key(one)].append(one)
        return groups

    def _unseen_at(self, path: str | None, digest: str) -> list[int]:
        found = self.by_text.get(digest, ())
        return [
            index
            for index in found
            if index in self.unseen and path in (None, self.seen[index].path)
        ]
