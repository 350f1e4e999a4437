"""Tell a file written for Python 2 from one that is simply broken."""

from __future__ import annotations

import re

# What the parser says only, or nearly only, about Python 2.
_MESSAGES = (
    "Missing parentheses in call to 'print'",
    "Missing parentheses in call to 'exec'",
    "multiple exception types must be parenthesized",
    "leading zeros in decimal integer literals are not permitted",
    "Function parameters cannot be parenthesized",
    "inconsistent use of tabs and spaces",  # which Python 3 never ran
    "Lambda expression parameters cannot be parenthesized",
)
_STRING = re.compile(r"""(["'])(?:(?!\1)[^\\]|\\.)*\1""")
_FORMS = re.compile(
    r"""
      ^\s* (?: print | exec ) \s+ ["'\w]           # statements
    | \b except \s+ [^:]+ , \s* \w+ \s* :
    | \b raise \s+ [^,]+ ,
    | ` | <>
    | (?<![\w.]) (?: \d+ | 0[xX][0-9a-fA-F]+ ) [lL] \b
    | \b [uU][rR] ["']
    | \b (?: def \s+ \w+ \s* \( | lambda ) [^:()]* \( [\w\s,()]+ \)  # tuples as parameters
    """,
    re.VERBOSE,
)


def is_python_2(message: str, text: str, line: int) -> bool:
    """Return whether a syntax error (message, line from 1) is explained by Python 2 forms."""
    if message.startswith(_MESSAGES):
        return True
    lines = text.split("\n")[max(line - 1, 0) : line]
    # Strings are emptied, so that what they say is not taken for code.
    return any(_FORMS.search(_STRING.sub('""', code).partition("#")[0]) for code in lines)
