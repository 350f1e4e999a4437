"""The grammar of annotations: what is taken, and what the author is told otherwise."""

from datetime import date
from decimal import Decimal

import pytest

from ledger.domain.annotations import Annotation, Mark, Unregistered, marks_in, without_twins
from ledger.domain.terms import Problem, Severity

GOOD = "DEBT(carts, owner=payments) [2027-03-01]: carts live in memory"


def marks(source: str | bytes, path: str = "a.py", language: str | None = "python") -> list[Mark]:
    content = source.encode() if isinstance(source, str) else source
    return marks_in(path, language, content)


def one(comment: str) -> Mark:
    found = marks(f"x = 1\n# {comment}\n")
    assert len(found) == 1
    return found[0]


def test_a_whole_annotation() -> None:
    mark = one(
        "DEBT(carts-2, owner=payments, sev=high, cost=2-5d, ref=SHOP-1, "
        r'impact="Costs 3 days, \"at least\"", plan=buy a store, exit=no cart in memory) '
        "[2027-03-01]: carts live in memory"
    )
    assert mark == Annotation(
        slug="carts-2",
        owner="payments",
        expires_on=date(2027, 3, 1),
        text="carts live in memory",
        path="a.py",
        line=2,
        end_line=2,
        severity=Severity.HIGH,
        principal=mark.principal if isinstance(mark, Annotation) else None,
        reference="SHOP-1",
        impact='Costs 3 days, "at least"',
        plan="buy a store",
        exit_condition="no cart in memory",
    )
    assert isinstance(mark, Annotation)
    assert mark.principal is not None
    assert (mark.principal.optimistic, mark.principal.likely, mark.principal.pessimistic) == (
        Decimal(16),
        Decimal(28),
        Decimal(40),
    )


@pytest.mark.parametrize(
    "comment",
    [
        GOOD,
        "DEBT( carts , owner = payments ) [ 2027-03-01 ] : carts live in memory",
        "DEBT (carts, owner=payments)[2027-03-01]:carts live in memory",
        "DEBT(carts, owner=payments,) [2027-03-01]: carts live in memory",
        'DEBT(carts, owner="payments") [2027-03-01]: carts live in memory',
    ],
)
def test_white_space_is_free(comment: str) -> None:
    mark = one(comment)
    assert isinstance(mark, Annotation)
    assert (mark.slug, mark.owner, mark.text) == ("carts", "payments", "carts live in memory")


@pytest.mark.parametrize(
    ("comment", "reason"),
    [
        ("DEBT(Carts, owner=a) [2027-03-01]: x", "lower case: carts"),
        ("DEBT(c, owner=a) [2027-03-01]: x", "no id"),
        (f"DEBT({'c' * 64}, owner=a) [2027-03-01]: x", "no id"),
        ("DEBT(-cart, owner=a) [2027-03-01]: x", "no id"),
        ("DEBT(cart_s, owner=a) [2027-03-01]: x", "no id"),
        ("DEBT(c\u0430rts, owner=a) [2027-03-01]: x", "U+0430 (CYRILLIC SMALL LETTER A)"),
        ("DEBT(\uff43arts, owner=a) [2027-03-01]: x", "U+FF43 (FULLWIDTH LATIN SMALL LETTER C)"),
        ("DEBT(carts, owner=c\u043ere) [2027-03-01]: x", "U+043E (CYRILLIC SMALL LETTER O)"),
        ("DEBT(owner=a) [2027-03-01]: x", "id comes first"),
        ("DEBT() [2027-03-01]: x", "id comes first"),
        ("DEBT(carts) [2027-03-01]: x", "owner=team"),
        ("DEBT(carts, owner=) [2027-03-01]: x", "owner=team"),
        ("DEBT(carts, owner=@core) [2027-03-01]: x", "owner=core without the @"),
        ("DEBT(carts, owner=Core Team) [2027-03-01]: x", "is no owner"),
        ("DEBT(carts, owner=a, owner=b) [2027-03-01]: x", "given twice"),
        ("DEBT(carts, ownr=a) [2027-03-01]: x", "did you mean 'owner'?"),
        ("DEBT(carts, owner=a, colour=red) [2027-03-01]: x", "the keys are owner"),
        ("DEBT(carts, owner=a, sev=hgh) [2027-03-01]: x", "did you mean 'high'?"),
        ("DEBT(carts, owner=a, cost=lots) [2027-03-01]: x", "is no cost"),
        ("DEBT(carts, owner=a, cost=5-2d) [2027-03-01]: x", "rising numbers"),
        ("DEBT(carts, owner=a, cost=1.2.3d) [2027-03-01]: x", "is no cost"),
        ("DEBT(carts, owner=a, impact=slow, dear) [2027-03-01]: x", "double quotes"),
        ('DEBT(carts, owner=a, impact="slow) [2027-03-01]: x', "closing double quote"),
        ("DEBT(carts, owner=a: x", "closing bracket"),
        ("DEBT(carts", "closing bracket"),
        ("DEBT(carts, owner=a): x", "until when"),
        ("DEBT(carts, owner=a) [soon]: x", "write YYYY-MM-DD"),
        ("DEBT(carts, owner=a) [27-03-01]: x", "write YYYY-MM-DD"),
        ("DEBT(carts, owner=a) [2027-3-1]: x", "write YYYY-MM-DD"),
        ("DEBT(carts, owner=a) [2027-02-29]: x", "does not exist"),
        ("DEBT(carts, owner=a) [\u0662\u0660\u0662\u0667-03-01]: x", "write YYYY-MM-DD"),
        ("DEBT(carts, owner=a) [2027-03-01] x", "colon"),
        ("DEBT(carts, owner=a) [2027-03-01]:", "Say what the debt is"),
        ("DEBT(carts, owner=a) [2027-03-01]: x\u202ey", "U+202E"),
        ("DEBT(ca\u200brts, owner=a) [2027-03-01]: x", "U+200B"),
        ("DEBT(carts, owner=a) [2027-03-01]: x\x00y", "U+0000"),
        ("DEBT(carts, owner=a) [2027-03-01]: " + "x" * 2000, "at most 2000"),
    ],
)
def test_a_malformed_annotation_says_what_to_write(comment: str, reason: str) -> None:
    mark = one(comment)
    assert isinstance(mark, Unregistered)
    assert mark.kind is Problem.MALFORMED
    assert reason in mark.reason
    assert mark.line == 2
    assert len(mark.text) <= 300
    assert mark.reason.endswith((".", "?"))


def test_a_malformed_annotation_keeps_its_readable_id() -> None:
    mark = one("DEBT(carts, owner=a) [2027-02-30]: x")
    assert isinstance(mark, Unregistered)
    assert mark.slug == "carts"


def test_a_bare_mark_is_a_candidate() -> None:
    mark = one("DEBT: one day")
    assert isinstance(mark, Unregistered)
    assert mark.kind is Problem.CANDIDATE


@pytest.mark.parametrize(
    "comment",
    ["see DEBT(carts)", "DEBT is bad", "DEBTS(carts)", "debt(carts)", "TODO: DEBT(carts)", "DEBT"],
)
def test_a_mention_is_no_mark(comment: str) -> None:
    assert marks(f"# {comment}\n") == []


def test_continuation_lines() -> None:
    found = marks(
        "# DEBT(carts,\n"
        "#    owner=payments,\n"
        "#    plan=buy a store) [2027-03-01]: carts live\n"
        "#   in memory\n"
        "#  not this\n"
        "#   nor this\n"
    )
    assert len(found) == 1
    mark = found[0]
    assert isinstance(mark, Annotation)
    assert (mark.text, mark.plan, mark.line, mark.end_line) == (
        "carts live in memory",
        "buy a store",
        1,
        4,
    )


@pytest.mark.parametrize("between", ["\n", "x = 1\n", "#\n", "y = 2  #     more\n"])
def test_a_gap_ends_the_annotation(between: str) -> None:
    mark = marks(f"# {GOOD}\n{between}#   not this\n")[0]
    assert isinstance(mark, Annotation)
    assert mark.text == "carts live in memory"


def test_two_in_a_row() -> None:
    found = marks(f"# {GOOD}\n# {GOOD.replace('carts,', 'others,')}\n#   more\n")
    assert [mark.slug for mark in found] == ["carts", "others"]


def test_a_comment_of_megabytes_is_answered_fast() -> None:
    mark = marks(f"# {GOOD}\n" + "#   and more of it\n" * 200_000)[0]
    assert isinstance(mark, Unregistered)
    assert "at most 2000" in mark.reason


@pytest.mark.parametrize(
    "content",
    [
        f"# {GOOD}".encode("utf-8-sig"),
        f"# -*- coding: latin-1 -*-\nx = '\xe9'  # {GOOD}".encode("latin-1"),
        f"x = '\xe9'\n# {GOOD}".encode("latin-1"),
        f"# {GOOD}\r\nx = 1\r\n".encode(),
        f"# {GOOD}\rx = 1\r".encode(),
        f"print 'python 2'\n# {GOOD}".encode(),
        f"def broken(:\n# {GOOD}".encode(),
        f"# coding: no-such-thing\n# {GOOD}".encode(),
        f"# coding: undefined\n\xff # {GOOD}".encode("latin-1"),
    ],
)
def test_odd_encodings_and_broken_files_are_read(content: bytes) -> None:
    assert [mark.slug for mark in marks(content)] == ["carts"]


def test_twins_are_both_refused() -> None:
    first, second, other = (
        marks(f"# {GOOD}\n", "a.py"),
        marks(f"\n# {GOOD}\n", "b.py"),
        marks(f"# {GOOD.replace('carts,', 'others,')}\n", "c.py"),
    )
    found = without_twins([*first, *second, *other])
    assert [type(mark) for mark in found] == [Unregistered, Unregistered, Annotation]
    assert isinstance(found[0], Unregistered)
    assert found[0].kind is Problem.DUPLICATE
    assert "b.py:2" in found[0].reason
    assert found[0].slug == "carts"
