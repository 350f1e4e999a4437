"""How each family of languages writes comments and strings, as one regular expression each.

Strings and comments are matched side by side, so that a comment marker in a string, or a quote in
a comment, is not mistaken. Every alternative matches even when its end is missing, so that the
time stays linear in the length whatever the input.
"""

import re
from collections.abc import Mapping

# The alternatives that skip what is no comment. Possessive repetition never backtracks, and a
# backslash may be the last character of all, so that none of them ever starts and fails. Where a
# lookahead is repeated an atomic group does the same: Python 3.11.2, which Debian 12 has, gets
# possessive repetition wrong there.
TRIPLE_DOUBLE = r'"""(?>(?:[^\\"]++|\\.?|"(?!""))*)(?:"""|\Z)'
TRIPLE_SINGLE = r"'''(?>(?:[^\\']++|\\.?|'(?!''))*)(?:'''|\Z)"
DOUBLE = r'"(?:[^"\\\n]|\\.?)*+(?:"|(?=\n)|\Z)'
SINGLE = r"'(?:[^'\\\n]|\\.?)*+(?:'|(?=\n)|\Z)"
SINGLE_DOUBLED = r"'(?:[^']|'')*+(?:'|\Z)"
BACKTICK = r"`(?:[^`\\]|\\.?)*+(?:`|\Z)"
RAW_BACKTICK = r"`[^`]*+(?:`|\Z)"
LONG_DOUBLE = r'"(?:[^"\\]|\\.?)*+(?:"|\Z)'
# A character literal; a lone apostrophe is a lifetime, a label or a type variable.
CHARACTER = r"'(?:\\[^\n]{1,9}?|[^'\\\n])'"
RUST_RAW = r'\bb?r(?P<hashes>#+)".*?(?:"(?P=hashes)|\Z)'
DOLLAR_QUOTED = r"\$(?P<tag>\w*)\$.*?(?:\$(?P=tag)\$|\Z)"

HASH = r"\#[^\n]*+"
# In shells and configuration files a # inside a word begins no comment.
SPACED_HASH = r"(?<!\S)\#[^\n]*+"
SLASHES = r"//[^\n]*+"
DASHES = r"--[^\n]*+"
SEMICOLON = r";[^\n]*+"
PERCENT = r"%[^\n]*+"
LINE_START = r"(?:(?<=\n)|(?<![\s\S]))[ \t]*+"
C_BLOCK = r"/\*(?>(?:[^*]++|\*(?!/))*)(?:\*/|\Z)"
XML_BLOCK = r"<!--(?>(?:[^-]++|-(?!->))*)(?:-->|\Z)"
ML_BLOCK = r"\(\*.*?(?:\*\)|\Z)"
TEMPLATE_BLOCKS = (
    XML_BLOCK,
    r"\{\#.*?(?:\#\}|\Z)",
    r"\{%-?\s*comment\b.*?(?:endcomment|\Z)",
    r"\{\{!--.*?(?:--\}\}|\Z)",
    r"<%--.*?(?:--%>|\Z)",
    r"<%\#.*?(?:%>|\Z)",
)


def _syntax(
    names: str, *, skip: tuple[str, ...] = (), line: str = "", block: tuple[str, ...] = ()
) -> dict[str, re.Pattern[str]]:
    """One pattern for several languages, named with commas between them."""
    parts = list(skip)
    if block:
        parts.append(f"(?P<block>{'|'.join(block)})")
    if line:
        parts.append(f"(?P<line>{line})")
    pattern = re.compile("|".join(parts), re.DOTALL)
    return dict.fromkeys((name.strip() for name in names.split(",")), pattern)


# The names are those of analysis.domain.languages.
SYNTAXES: Mapping[str, re.Pattern[str]] = {
    **_syntax(
        "python, cython, ruby, perl, r, julia, elixir, crystal, nim, coffeescript, starlark, meson",
        skip=(TRIPLE_DOUBLE, TRIPLE_SINGLE, DOUBLE, SINGLE),
        line=HASH,
    ),
    **_syntax(
        "shell, fish, powershell, makefile, cmake, dockerfile, yaml, toml, ini, nix, awk, tcl, "
        "puppet, gherkin, rego, procfile, just",
        skip=(DOUBLE, SINGLE),
        line=SPACED_HASH,
    ),
    **_syntax(
        "c, c++, c#, java, kotlin, scala, swift, objective-c, d, zig, vala, verilog, cuda, glsl, "
        "wgsl, solidity, thrift, protocol buffers",
        skip=(TRIPLE_DOUBLE, DOUBLE, CHARACTER),
        line=SLASHES,
        block=(C_BLOCK,),
    ),
    **_syntax("f#", skip=(TRIPLE_DOUBLE, DOUBLE, CHARACTER), line=SLASHES, block=(ML_BLOCK,)),
    **_syntax(
        "javascript, typescript, dart, groovy, qml",
        skip=(TRIPLE_DOUBLE, DOUBLE, SINGLE, BACKTICK),
        line=SLASHES,
        block=(C_BLOCK,),
    ),
    **_syntax("go", skip=(RAW_BACKTICK, DOUBLE, CHARACTER), line=SLASHES, block=(C_BLOCK,)),
    **_syntax("rust", skip=(RUST_RAW, LONG_DOUBLE, CHARACTER), line=SLASHES, block=(C_BLOCK,)),
    **_syntax(
        "php",
        skip=(DOUBLE, SINGLE),
        line=r"(?://|\#(?!\[))(?>(?:(?!\?>)[^\n])*)",
        block=(C_BLOCK, XML_BLOCK),
    ),
    **_syntax("hcl", skip=(DOUBLE,), line=f"{SLASHES}|{HASH}", block=(C_BLOCK,)),
    **_syntax("sql", skip=(SINGLE_DOUBLED, DOUBLE, DOLLAR_QUOTED), line=DASHES, block=(C_BLOCK,)),
    **_syntax("scss, less, sass, stylus", skip=(DOUBLE, SINGLE), line=SLASHES, block=(C_BLOCK,)),
    **_syntax("css", skip=(DOUBLE, SINGLE), block=(C_BLOCK,)),
    **_syntax(
        "html, jinja, handlebars, erb, mustache, twig, liquid, smarty, java server pages",
        block=(*TEMPLATE_BLOCKS, r"\{\*.*?(?:\*\}|\Z)"),
    ),
    **_syntax("mako", line=rf"{LINE_START}{HASH}", block=(XML_BLOCK,)),
    **_syntax("pug", line=rf"{LINE_START}{SLASHES}"),
    **_syntax("haml", line=r"-\#[^\n]*+"),
    **_syntax(
        "vue, svelte, astro, razor",
        line=rf"{LINE_START}{SLASHES}",
        block=(XML_BLOCK, C_BLOCK, r"@\*.*?(?:\*@|\Z)"),
    ),
    **_syntax("xslt", block=(XML_BLOCK,)),
    **_syntax("haskell, elm, ada, vhdl", skip=(DOUBLE,), line=DASHES, block=(r"\{-.*?(?:-\}|\Z)",)),
    **_syntax("lua", skip=(DOUBLE, SINGLE), line=DASHES, block=(r"--\[\[.*?(?:\]\]|\Z)",)),
    **_syntax(
        "common lisp, scheme, racket, clojure",
        skip=(LONG_DOUBLE,),
        line=SEMICOLON,
        block=(r"\#\|.*?(?:\|\#|\Z)",),
    ),
    **_syntax("assembly, webassembly", skip=(DOUBLE,), line=SEMICOLON),
    **_syntax("erlang, prolog", skip=(DOUBLE,), line=PERCENT),
    **_syntax("ocaml", skip=(LONG_DOUBLE,), block=(ML_BLOCK,)),
    **_syntax(
        "pascal",
        skip=(SINGLE_DOUBLED,),
        line=SLASHES,
        block=(ML_BLOCK, r"\{.*?(?:\}|\Z)"),
    ),
    **_syntax("vb.net", skip=(DOUBLE,), line=r"'[^\n]*+"),
    **_syntax("fortran", skip=(DOUBLE, SINGLE), line=r"![^\n]*+"),
    **_syntax("cobol", skip=(DOUBLE, SINGLE), line=r"\*>[^\n]*+"),
    **_syntax("batch", line=rf"{LINE_START}@?(?:::|(?i:rem)\b)[^\n]*+"),
    **_syntax("vim script", line=rf'{LINE_START}"[^\n]*+'),
    **_syntax("graphql", skip=(TRIPLE_DOUBLE, DOUBLE), line=HASH),
}

# For a language that is not listed: the two commonest ways to write a comment.
ANY = _syntax(
    "any", skip=(TRIPLE_DOUBLE, DOUBLE), line=f"{SLASHES}|{SPACED_HASH}", block=(C_BLOCK,)
)["any"]
