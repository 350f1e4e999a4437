"""Python whose measurement is easily got wrong, a quirk each, and a way to combine them."""

import ast
import warnings

from hypothesis import strategies as st

_LINES = [
    "x = 1", "x: int = 1", "x: dict[str, int]", "x = y[1:2]", "x = y[::2]", "x = {1: 2}",
    "x = {1: 2, **y}", "f = lambda a, b=1, *c, d=2, **e: a if b else c", "lambda: 0", "x += 1 + 2",
    "x @= y ** -z // +w % ~v", "x = a < b <= c != d is not e not in f",
    "x = a and b or not c and (d or e)", "assert x and y, [z for z in w if z]", "assert x",
    "print(*args, sep='', **{'end': ''})", "del x, y[0]", "global g", "import os, sys as system",
    "import a.b.c", "from . import z", "from ..x.y import (a as b, c)", "from m import *",
    "x = [a for b in c if d if e for f in g]", "x = {a: b for a, b in c}", "x = {a for a in b}",
    "x = any(a for a in b)", "x = f'{a!r:>{width}} {b + c} {d if e else f}'", "x = b'' br''",
    'x = \'a\' \'b\' "c"', "x = '#' # comment with 'quote", "x = ':' ; y = ';'", "x = 1;",
    "x = 1; y = 2; z = 3", "x = y[a:b]; z = 1", "x = y[a:]; z = 1", "x = y[:]; z", "pass",
    "x: int = 1; y: int", "x = {a:1}; y", "x = lambda: 0; y = 1", "...", "x = ...",
    "x = 1j + 0x_f", "raise E from None", "x = y.z.w.v", "x.y += x.y + y",
    "x = 1 == 1.0 == True == '1'", "x = (y := 10, z)", "x = y[(z := 1):2]",
    "x = (\n    1,\n\n    2,  # two\n    # three\n)", "x = [\n    'a',\n    'b'\n\n]",
    "x = f(a,\n      b=c)[\n  0:1]", "x = '''a\nb\n\n  c'''", "x = ('a'\n     'b')",
    "x = 1 + \\\n    2", "x = 1 \\\n\n", "x = \\\n  '''a\n\n b'''", "x = 'abc\\\n   def'",
    "x = '''a''' + '''b\n'''", "'''doc'''", '"doc"', "r'''doc\n\nmore\n'''",
    "'''doc\n# no comment\n'''", "'''doc''' # comment", "'''doc\n''' # comment", "'doc' \\\n\n",
    "'a' 'b'", "'''a\n''' '''b'''", "('doc')", "('''doc\n''')", "'doc';", "'doc'; 'doc'", "b'doc'",
    "Rb'''doc\n'''", "F'doc {x}'", "u'doc'", "''", '""""""', "''''a'''", "'\\\n'", "'a\\\n\\\nb'",
    "# comment", "# comment \\", "#", "# it's", '# """', "x = 1 # a \\", "return_ = yield_ = 0",
    "x = '\\''", 'x = "\\\\"', "x = '''\\''''", 'x = """\\""""', "x = y if z else w", "x = -1",
    "x = [1,\n2] ; y = {3:\n4}", "if x: pass", "if x: y = 1; z = 2", "if x: y[0:1]; z = {1: 2}",
    "for x in y: pass", "while x: break", "with a as b, c: pass", "try: x\nexcept: y",
    "class C: pass", "def f(): pass", "def f(a: int = 1, *, b: str = {}) -> int: return a",
    "async def f(): await x", "class C(B, metaclass=M if x else N): x: int = 1",
    "if TYPE_CHECKING: import a; import b",
    "if typing.TYPE_CHECKING:\n    from a import b\nelse:\n    from c import d",
    "try:\n    x\nexcept A:\n    y\nexcept (B, C) as e:\n    z\nelse:\n    w\nfinally:\n    v",
    "try:\n    x\nexcept* A:\n    y\nelse:\n    z", "for a, b in c:\n    d\nelse:\n    e",
    "while x:\n    y\nelse:\n    z", "if a:\n    b\nelif c:  # comment\n    d\nelse:\n    e",
    "match a:\n    case None:\n        b\n    case (1 as x) | (-2 as x):\n        c",
    "match = case = 1",
    "@d(x and y)\n@e\ndef f(a=b if c else d):\n    '''doc'''\n    return [a for a in b]",
    "def f(x):\n    return x + y - 1\ndef g(x):\n    return x + y - 1\nx + y - 1",
    "def f():\n\tif x:\n\t\treturn 1", "x = '\x0c'", "# a\x0cb = 1", "\x0c", "x = '\u2028'",
    "x = 'é' ; ñ = 1", "x = (a\x0c, b)", "x = 1 \\\n + \\\n 2 ; y = 3", "x = [\\\n]",
    "if x: \\\n  y", "if (x and\n    y):\n    z", "def f(\n    a,\n    b: int = 1,\n):\n    pass",
    "x = {\n  'a': 1,\n  'b': [1, 2], # c\n}", "x = a[b[c[d:e]:f]]", "x = (\n'''a\n\nb'''\n)",
    "f(\n'a'\n)", "f(\n'a')", "{\n'a':\n'b'}", "[\n# only\n]", "x = y[\n:\n]", "x\\\n:int=1",
    "lambda x: (yield)", "print(f'''{\na}\n''')", "x = 1if y else 2", "x = 0xfor 1",
    "x = 1_000.5e-3J; y = .5 ; z = 5.", "if x: 1.5; y", "if x: 'a'; y", "if x: -1; y",
    "if x: x.y; z", "x[1:\\\n]; y", "else_ = {1:2}; # c", "x = '''a''';  # b",
]  # fmt: skip
_BLOCKS = """\
match a:
    case 1 | 2:
        b
    case [x, *_] if x and y:
        c
    case _:
        d
---
match a:
    case {'k': v, **r}:
        b
    case C(x=1, y=D()):
        c
    case other:
        d
---
async def f():
    async for x in y:
        async with z as w:
            yield x
    else:
        return
---
def outer():
    def inner(x):
        if x: return x or y
    class C:
        def m(self): return 1 and 2
    return inner
---
class A:
    '''doc

    more'''
    x = y and z
    class B:
        def m(self):
            for x in y: assert x
    def m(self):
        if x: pass
    if x:
        def n(self): x or y
"""
SIMPLE = [*_LINES, *_BLOCKS.removesuffix("\n").split("\n---\n")]


def parses(code: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(code)
    except (SyntaxError, ValueError):
        return False
    return True


def _indent(code: str) -> str:
    return "\n".join(f"    {line}" for line in code.split("\n"))


_HEADS = [
    "if x:", "def f():", "class C:  # c", "for x in y :", "async def g(a: int,\n b=x[1:2] ):",
    "with x as (\n y):", "def f(a, b={1: 2}): # c", "while x: \\", "if x:\n  y\nelse:",
    "try:\n  z\nexcept (A,\n B) as e:", "@d\nclass C(x and y):", "while \\\n x:",
]  # fmt: skip
_GAPS = [
    "\n", "\n\n", "\n \n", "\n# note\n", "\n\n\n", "\n#: '\n\n", "\r\n", "\n\x0c\n", "; ", ";",
    " ;\\\n", "\n\\\n", "\n  # off\n", "\r",
]  # fmt: skip
_ENDS = ["", "\n", "  ", " # end", ";", "\n\n", " \\\n\n", "\n    \n", "\n# end", "\n#"]


@st.composite
def programs(draw: st.DrawFn) -> str:
    """Programs of several snippets, joined by line ends, semicolons, comments and blocks."""
    code = draw(st.sampled_from(SIMPLE))
    for _ in range(draw(st.integers(1, 7))):
        kind = draw(st.sampled_from(["after", "before", "block", "end"]))
        if kind == "block":
            grown = draw(st.sampled_from(_HEADS)) + "\n" + _indent(code)
        elif kind == "end":
            grown = code + draw(st.sampled_from(_ENDS))
        else:
            pair = (code, draw(st.sampled_from(SIMPLE)))
            grown = draw(st.sampled_from(_GAPS)).join(pair if kind == "after" else pair[::-1])
        if parses(grown):
            code = grown
    return code
