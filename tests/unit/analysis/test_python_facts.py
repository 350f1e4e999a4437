"""What is found in a Python file: functions, complexity and imports, by hand-made examples."""

from textwrap import dedent

from analysis.domain.python_source import measure_python
from analysis.domain.source import ImportStatement, SourceFacts


def measured(code: str) -> SourceFacts:
    return measure_python(dedent(code).encode())


def test_functions_are_named_by_where_they_stand_and_counted_apart() -> None:
    facts = measured(
        """
        @decorated(x and y)
        def outer(a=b or c):
            def inner():
                return 1 if a else 2
            class Local:
                async def method(self):
                    for x in self: pass
            return inner

        class Shop:
            class Cart:
                def add(self): assert self and self
            if DEBUG:
                def log(self): pass
        """
    )
    assert [(f.name, f.line, f.end_line, f.complexity) for f in facts.functions] == [
        ("outer", 3, 9, 1),
        ("outer.inner", 4, 5, 2),
        ("outer.Local.method", 7, 8, 2),
        ("Shop.Cart.add", 13, 13, 2),
        ("Shop.log", 15, 15, 1),
    ]
    assert facts.complexity == 8
    assert facts.complexity_max == 2


def test_a_file_without_functions_has_no_complexity() -> None:
    facts = measured("if x and y:\n    z = 1\n")
    assert (facts.complexity, facts.complexity_max, facts.functions) == (0, 0, ())
    assert 0 < facts.maintainability_index < 100


def test_imports_are_found_wherever_they_stand() -> None:
    facts = measured(
        """
        import os, a.b as c
        from typing import TYPE_CHECKING
        from . import sibling
        from ..package.module import (one as uno, two)
        from star import *
        try:
            import fast
        except ImportError:
            fast = None
        def f():
            import late
        class C:
            from inside import x
        """
    )
    assert facts.imports == (
        ImportStatement("os", None, 0, 2, False),
        ImportStatement("a.b", None, 0, 2, False),
        ImportStatement("typing", "TYPE_CHECKING", 0, 3, False),
        ImportStatement("", "sibling", 1, 4, False),
        ImportStatement("package.module", "one", 2, 5, False),
        ImportStatement("package.module", "two", 2, 5, False),
        ImportStatement("star", "*", 0, 6, False),
        ImportStatement("fast", None, 0, 8, False),
        ImportStatement("late", None, 0, 12, False),
        ImportStatement("inside", "x", 0, 14, False),
    )


def test_imports_for_type_checking_are_marked() -> None:
    facts = measured(
        """
        import before
        if TYPE_CHECKING:
            import plain
            if sys.version_info > (3, 12):
                import nested
        else:
            import otherwise
        if typing.TYPE_CHECKING: import dotted
        import after
        if not TYPE_CHECKING:
            import negated
        """
    )
    marked = [statement.module for statement in facts.imports if statement.type_checking]
    assert marked == ["plain", "nested", "dotted"]
    assert len(facts.imports) == 7


def test_nesting_that_the_parser_takes_is_walked_however_deep() -> None:
    # Radon's recursive visitors fail on the sum; 900 terms are 900 levels.
    assert measured("x = " + " + ".join("a" * 900)).halstead.N1 == 899
    nested = "".join(f"{' ' * depth}def f{depth}():\n" for depth in range(90))
    facts = measured(nested + " " * 90 + "pass\n")
    assert facts.functions[-1].name.count(".") == 89
