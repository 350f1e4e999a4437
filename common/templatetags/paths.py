"""Paths in pages: `{% load paths %}`. Paths come from strangers and are escaped."""

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def basename(path: str) -> str:
    """`{{ "src/app.py"|basename }}` is app.py."""
    return path.rpartition("/")[2]


@register.filter
def folder(path: str) -> str:
    """`{{ "src/app.py"|folder }}` is src; of a file at the top it is empty."""
    return path.rpartition("/")[0]


@register.filter
def breakable(path: str) -> SafeString:
    """Let a long path or dotted name break after its separators instead of inside a word."""
    escaped = str(escape(path))
    for separator in ("/", "_", "."):
        escaped = escaped.replace(separator, f"{separator}<wbr>")
    return mark_safe(escaped)  # noqa: S308 - escaped above; only <wbr> was added
