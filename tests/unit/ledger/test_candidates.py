"""Which comments are candidates, and how they are known again."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.annotations import Annotation, marks_in
from ledger.domain.candidates import (
    Known,
    Matching,
    Seen,
    annotation_for,
    candidates_in,
    known_again,
    slug_for,
)


def read(source: str, path: str = "shop/cart.py", language: str = "python") -> list[Seen]:
    return candidates_in(path, language, source.encode())


def known(source: str, path: str = "shop/cart.py", decision: str = "dismissed") -> list[Known]:
    return [
        Known(key, path, one.text, one.text_hash, one.context_hash, one.ordinal, True, decision)
        for key, one in enumerate(read(source, path), start=100)
    ]


def matched(
    before: list[Known], now: list[Seen], renames: dict[str, str] | None = None
) -> Matching:
    return known_again(before, now, renames or {})


TWO = "a = 1\n# TODO: tidy this up later\nb = 2\n# FIXME(ann): the rate is wrong\nc = 3\n"


def test_what_begins_a_comment_counts() -> None:
    source = """
# TODO: one
x = 1  # FIXME two
# HACK(ann, 2024): three
#   - XXX four
# see TODO five
# TODOS are many
# DEBT: six
# DEBT(carts, owner=a) [2027-01-01]: registered
y = "# TODO seven"
# todo eight
"""
    assert [(one.kind.value, one.line, one.text) for one in read(source)] == [
        ("TODO", 2, "one"),
        ("FIXME", 3, "two"),
        ("HACK", 4, "three"),
        ("XXX", 5, "four"),
        ("DEBT", 8, "six"),
    ]


def test_block_comments_of_other_languages() -> None:
    source = "/**\n * TODO: one\n * @todo two\n */\nint x; // TODO\n"
    found = candidates_in("a.java", "java", source.encode())
    assert [(one.line, one.text) for one in found] == [(2, "one"), (5, "")]


def test_hostile_sources_are_cut() -> None:
    assert len(read("# TODO: x\n" * 10_000)) == 500
    (one,) = read("# TODO: left \u202etfel " + "x" * 10_000_000)
    assert len(one.text) == 300
    assert "\u202e" not in one.text
    assert candidates_in("a.bin", None, bytes(range(256)) * 100) == []


def test_neighbours_moves_and_renames_change_nothing() -> None:
    before = known(TWO)
    for now, renames in (
        (read("import shop\n\n" + TWO.replace("b = 2", "b = 3")), {}),
        (read(TWO, "shop/basket.py"), {"shop/cart.py": "shop/basket.py"}),
        (read(TWO, "shop/basket.py"), {}),
    ):
        result = matched(before, now, renames)
        assert result.pairs == {0: 100, 1: 101}
        assert (result.new, result.gone) == ([], [])


def test_an_edited_text_between_the_same_lines_is_the_same() -> None:
    before = known(TWO)
    edited = matched(before, read(TWO.replace("tidy this up later", "tidy this up, maybe later")))
    assert edited.pairs == {0: 100, 1: 101}
    other = matched(before, read(TWO.replace("tidy this up later", "call the supplier")))
    assert (other.new, other.gone) == ([0], [100])
    elsewhere = TWO.replace("a = 1", "z = 1").replace(
        "tidy this up later", "tidy this up, later on"
    )
    assert matched(before, read(elsewhere)).gone == [100]


def test_a_short_text_is_not_known_again_in_another_file() -> None:
    before = known("a = 1\n# TODO: fix\nb = 2\n")
    assert matched(before, read("c = 1\n# TODO: fix\nd = 2\n", "other.py")).new == [0]
    assert matched(before, read("a = 1\n# TODO: fix\nb = 2\n", "other.py")).pairs == {0: 100}


TWINS = "a = 1\n# TODO: the same words\nb = 2\n# TODO: the same words\nc = 3\n"


def test_twins_are_told_apart_by_their_neighbours() -> None:
    first, second = known(TWINS)
    before = [first, replace(second, decision="open")]
    now = read("# TODO: the same words\n# TODO: the same words\n# TODO: the same words\n" + TWINS)
    assert matched(before, now).pairs == {3: 100, 4: 101}


def test_which_twin_went_is_not_guessed() -> None:
    first, second = known(TWINS)
    now = read("x = 1\n# TODO: the same words\ny = 2\n")
    result = matched([first, replace(second, decision="open")], now)
    assert (result.new, result.gone) == ([0], [100, 101])
    assert matched([first, second], now).pairs == {0: 100}


def test_what_went_comes_back_as_itself() -> None:
    before = [replace(one, is_present=False) for one in known(TWO)]
    assert matched(before, read(TWO)).pairs == {0: 100, 1: 101}
    assert matched(before, []).gone == []


lines = st.lists(
    st.sampled_from(
        ["a = 1", "b = 2", "# TODO: the carts vanish", "# TODO: x", "# HACK: the rates"]
    ),
    max_size=12,
)


@given(lines, lines, st.booleans())
def test_each_is_matched_once_and_none_is_lost(
    before: list[str], now: list[str], is_other: bool
) -> None:
    old = known("\n".join(before))
    seen = read("\n".join(now), "other.py" if is_other else "shop/cart.py")
    result = matched(old, seen)
    keys = list(result.pairs.values())
    assert len(set(keys)) == len(keys)
    assert sorted([*result.pairs, *result.new]) == list(range(len(seen)))
    assert sorted([*keys, *result.gone]) == [one.key for one in old]
    for index, key in result.pairs.items():
        if not is_other:
            assert seen[index].kind.value in ("TODO", "HACK")
            assert seen[index].text == old[key - 100].text or before != now


@given(lines)
def test_the_same_file_again_is_the_same(before: list[str]) -> None:
    source = "\n".join(before)
    result = matched(known(source), read(source))
    assert result.pairs == {index: 100 + index for index in range(len(read(source)))}


def test_the_annotation_that_is_proposed_can_be_read() -> None:
    slug = slug_for("Carts live in memory, and vanish!", ["carts-live-in-memory-and"])
    assert slug == "carts-live-in-memory-and-2"
    text = annotation_for(slug, "payments", date(2027, 3, 1), "Carts live\nin memory")
    (mark,) = marks_in("a.py", "python", f"# {text}\n".encode())
    assert isinstance(mark, Annotation)
    assert (mark.slug, mark.text) == (slug, "Carts live in memory")
    assert slug_for("", []) == "debt"
    assert slug_for("x", []) == "debt-x"
