"""Flesch reading ease: 206.835 - 1.015 words/sentences - 84.6 syllables/words."""

import re
from collections.abc import Iterator
from functools import lru_cache

MANY_WORDS = 25

# A full stop inside a number or before a lower-case letter ends no sentence; an empty line does.
_SENTENCE_END = re.compile(r"[.!?]+(?=[)\"'\u201d\u2019]?(?:\s+[^a-z\s]|\s*$))|\n[ \t]*(?=\n)")
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*|\d[\d.,:%]*")
_VOWELS = re.compile(r"[aeiouyäöü]+")


def sentence_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where each sentence begins and ends, its mark included."""
    start = 0
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    for end in (*ends, len(text)):
        if text[start:end].strip():
            yield start + len(text[start:end]) - len(text[start:end].lstrip()), end
        start = end


def sentences(text: str) -> list[str]:
    """The sentences without the mark that ends them."""
    return [text[start:end].strip().rstrip(".!?").rstrip() for start, end in sentence_spans(text)]


def words(text: str) -> list[str]:
    """Words and numbers, in order."""
    return _WORD.findall(text)


@lru_cache(maxsize=4096)
def syllables(word: str) -> int:
    """The number of syllables by groups of vowels, without a silent final e; a number is one."""
    lowered = word.lower()
    count = len(_VOWELS.findall(lowered))
    if lowered.endswith("e") and not lowered.endswith(("le", "ee", "ye")) and count > 1:
        count -= 1
    return max(count, 1)


def flesch(text: str) -> float | None:
    """The reading ease (higher is easier; plain English is above 60), or None without words."""
    spoken = words(text)
    if not spoken:
        return None
    per_sentence = len(spoken) / max(len(sentences(text)), 1)
    per_word = sum(map(syllables, spoken)) / len(spoken)
    return 206.835 - 1.015 * per_sentence - 84.6 * per_word
