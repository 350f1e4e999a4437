"""The building blocks of every page: `{% load components %}`. `docs/web.md` shows each in use."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BoundField, CheckboxInput
from django.http import HttpRequest
from django.template.context import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import NoReverseMatch, resolve, reverse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from common.clock import now
from common.figures import relative_words, sparkline_points

register = template.Library()

# How a word of any state looks. A word that is not here is shown plainly.
TONES = {
    "current": "", "due_soon": "warn", "due": "warn", "expired": "danger",
    "proposed": "quiet", "active": "info", "repaying": "info", "repaid": "good",
    "verified": "good", "rejected": "quiet", "rolled_back": "quiet", "written_off": "quiet",
    "queued": "quiet", "running": "running", "complete": "good", "failed": "danger",
}  # fmt: skip

# Scores from which a file is warmer: most files are calm, a few in a hundred are hot.
HEAT_LIMITS = (0.4, 0.7, 0.9, 0.97)


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw a decorative icon of `static/img/icons.svg`."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>',
        static("img/icons.svg"),
        name,
    )


@register.inclusion_tag("components/nav_link.html", takes_context=True)
def nav_link(context: Context, view: str, label: str, *, icon: str, key: str) -> dict[str, Any]:
    """Link to `view` from the navigation; current on every page of the same app.

    Nothing is drawn for a view that this installation does not have. `key` is the letter that
    goes there after "g".
    """
    try:
        url = reverse(view)
    except NoReverseMatch:
        return {"url": ""}
    request: HttpRequest | None = context.get("request")
    match = request.resolver_match if request else None
    is_current = match is not None and match.app_name == resolve(url).app_name
    return {"url": url, "label": label, "icon": icon, "key": key, "is_current": is_current}


@register.inclusion_tag("components/stat.html")
def stat(
    label: str, value: object, *, unit: str = "", note: str = "", tone: str = "", href: str = ""
) -> dict[str, Any]:
    """One figure with its name and, in `note`, what it means. Put several into `.stats`."""
    return {
        "label": label, "value": value, "unit": unit, "note": note, "tone": tone, "href": href,
    }  # fmt: skip


@register.inclusion_tag("components/badge.html")
def badge(label: str, tone: str = "") -> dict[str, str]:
    """Draw a word with a mark. `tone`: danger, warn, good, info, quiet, running or empty."""
    return {"label": label, "tone": tone}


@register.inclusion_tag("components/badge.html")
def state(word: str) -> dict[str, str]:
    """Draw the badge of a debt item's state or timing, or of a run: `{% state item.state %}`."""
    return {"label": word.replace("_", " ").capitalize(), "tone": TONES.get(word, "")}


@register.inclusion_tag("components/empty_state.html")
def empty_state(
    title: str, text: str = "", *, icon: str = "info", url: str = "", action: str = ""
) -> dict[str, str]:
    """Say what is missing and what to do next."""
    return {"title": title, "text": text, "icon": icon, "url": url, "action": action}


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, *, help: str = "") -> dict[str, Any]:  # noqa: A002 - reads well in templates
    """Draw a form field with label, help and errors, tied together for screen readers.

    A form may have `notes`: by field name, what to know of a field before the form is sent.
    """
    note = getattr(bound.form, "notes", {}).get(bound.name, "")
    described = [
        f"{bound.id_for_label}-note" if note else "",
        f"{bound.id_for_label}-help" if (help or bound.help_text) else "",
        f"{bound.id_for_label}-errors" if bound.errors else "",
    ]
    attributes = {"aria-describedby": " ".join(filter(None, described))}
    if bound.errors:
        attributes["aria-invalid"] = "true"
    return {
        "field": bound,
        "widget": bound.as_widget(attrs={name: text for name, text in attributes.items() if text}),
        "help": help or bound.help_text,
        "note": note,
        "is_choice": isinstance(bound.field.widget, CheckboxInput),
    }


@register.inclusion_tag("components/form_errors.html")
def form_errors(form: Any) -> dict[str, Any]:
    """Draw what is wrong with the form as a whole."""
    return {"errors": form.non_field_errors()}


@register.inclusion_tag("components/progress.html")
def progress(label: str, done: float = 0, total: float = 0, *, note: str = "") -> dict[str, Any]:
    """Draw a bar; one that only moves when `total` is not known yet (0)."""
    return {"label": label, "done": done, "total": total, "note": note}


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context: Context, page: Any, *, noun: str = "rows") -> dict[str, Any]:
    """Draw "1-50 of 2,894 files" with links that keep the filters of the address.

    `page` is Django's Page, or has the numbers `page`, `pages`, `size` and `total`.
    """
    if isinstance(page, Page):
        paginator = page.paginator
        number, pages, size = page.number, paginator.num_pages, paginator.per_page
        total = paginator.count
    else:
        number, pages, size, total = page.page, page.pages, page.size, page.total
    return {
        "request": context.get("request"),
        "noun": noun,
        "total": total,
        "first": (number - 1) * size + 1,
        "last": min(number * size, total),
        "previous": number - 1,
        "next": number + 1 if number < pages else 0,
    }


@register.inclusion_tag("components/sort_header.html", takes_context=True)
def sort_header(
    context: Context,
    name: str,
    label: str,
    *,
    number: bool = False,
    hide: str = "",
    title: str = "",
) -> dict[str, Any]:
    """Draw a column head that sorts by `name`; the context's `sort` is the order in force.

    A number sorts downwards first. `hide` is "wide-only" or "desktop-only".
    """
    current = str(context.get("sort") or "")
    is_current = current.lstrip("-") == name
    downwards = current.startswith("-") if is_current else not number
    return {
        "request": context.get("request"),
        "name": name,
        "label": label,
        "number": number,
        "hide": hide,
        "title": title,
        "direction": ("descending" if downwards else "ascending") if is_current else "",
        "next": name if downwards else f"-{name}",
    }


@register.simple_block_tag
def figure(
    content: str,
    *,
    kind: str,
    title: str,
    src: str = "",
    json: str = "",
    text: str = "",
    size: str = "",
    table: str = "The same figures as a table",
) -> SafeString:
    """Draw a chart whose table is the content of the block.

    `kind` is a file of `static/js/charts/`; its data come from the address `src` or the JSON
    script with the id `json`. `size` is "short", "tall" or empty.
    """
    return render_to_string(
        "components/figure.html",
        {
            "content": content, "kind": kind, "title": title, "src": src, "json": json,
            "text": text, "size": size, "table": table,
        },
    )  # fmt: skip


@register.inclusion_tag("components/bar.html")
def heat_bar(score: float | None) -> dict[str, Any]:
    """Draw a hotspot score 0..1 as a small bar with its number."""
    if score is None:
        return {"score": None}
    step = sum(score >= limit for limit in HEAT_LIMITS)
    return {"score": score, "width": round(score * 100, 1), "step": step}


@register.inclusion_tag("components/sparkline.html")
def sparkline(values: Sequence[float], *, label: str) -> dict[str, str]:
    """Draw a small line of `values`, oldest first; `label` says it in words."""
    return {"points": sparkline_points(values), "label": label}


@register.simple_tag
def relative_time(moment: datetime | None) -> SafeString:
    """Draw "3 hours ago" with the exact moment as its title."""
    if moment is None:
        return mark_safe('<span class="faint">never</span>')
    return format_html(
        '<time datetime="{}" title="{}" data-relative>{}</time>',
        moment.isoformat(),
        formats.date_format(moment.astimezone(timezone.get_current_timezone()), "j F Y, H:i T"),
        relative_words(moment, now()),
    )
