"""From the bytes of a Python file to its text and its syntax tree, or the reason why not."""

from __future__ import annotations

import ast
import codecs
import io
import tokenize
import warnings

from analysis.domain.python_legacy import is_python_2
from analysis.domain.source import SourceUnreadable

_DEPTH_LIMITS = ("too many nested parentheses", "too many levels of indentation")


def decode(source: bytes) -> str:
    """Return the text with "\\n" line ends, by byte order mark, encoding cookie, or UTF-8."""
    if b"\0" in source:
        raise SourceUnreadable("binary", "The file has NUL bytes: it is not text.")
    head = source[:3] if b"coding" not in source[:4096] else codecs.BOM_UTF8
    try:
        encoding = "utf-8"
        if head == codecs.BOM_UTF8:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        text = source.decode(encoding)
    except SyntaxError as error:
        raise SourceUnreadable("encoding", _sentence(str(error)), 1) from error
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        detail = f"Line {line} is not in the file's encoding ({error.encoding})."
        raise SourceUnreadable("encoding", detail, line) from error
    except (LookupError, ValueError) as error:
        raise SourceUnreadable("encoding", _sentence(str(error)), 1) from error
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def parse(text: str) -> ast.Module:
    """Return the syntax tree, or raise SourceUnreadable with the reason and the line."""
    try:
        with warnings.catch_warnings():
            # What the compiler thinks of a stranger's string escapes is no concern here.
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        raise _explained(error, text) from error
    except (RecursionError, MemoryError) as error:
        detail = "The code is nested too deeply, or too large, for the Python parser."
        raise SourceUnreadable("too_deep", detail) from error
    except UnicodeEncodeError as error:
        raise SourceUnreadable("encoding", "The text has surrogates: it is not text.") from error
    except ValueError as error:
        raise SourceUnreadable("syntax", _sentence(str(error))) from error


def _explained(error: SyntaxError, text: str) -> SourceUnreadable:
    message, line = error.msg or "invalid syntax", error.lineno
    if message.startswith(_DEPTH_LIMITS):
        return SourceUnreadable("too_deep", _sentence(message), line)
    if is_python_2(message, text, line or 0):
        return SourceUnreadable("python2", f"Written for Python 2: {message}.", line)
    return SourceUnreadable("syntax", _sentence(message), line)


def _sentence(message: str) -> str:
    return message[:1].upper() + message[1:].rstrip(".") + "."
