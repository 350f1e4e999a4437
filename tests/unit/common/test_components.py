"""The building blocks of pages escape, describe and never invent a figure."""

from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Paginator
from django.template import RequestContext, Template
from django.test import RequestFactory

LOAD = "{% load components numbers paths %}"


def draw(source: str, address: str = "/", **context: Any) -> str:
    request = RequestFactory().get(address)
    request.user = AnonymousUser()
    return Template(LOAD + source).render(RequestContext(request, context))


@pytest.mark.parametrize("missing", [None, ""])
@pytest.mark.parametrize("words", ["number", "number:2", "compact", "percent", "hours"])
def test_what_was_not_measured_is_a_dash(words: str, missing: object) -> None:
    assert draw("{{ value|WORDS }}".replace("WORDS", words), value=missing) == "–"  # noqa: RUF001 - the page's own sign


def test_zero_is_a_figure() -> None:
    assert draw("{{ value|number }} {{ value|percent }}", value=0) == "0 0 %"


def test_counted_knows_one_from_many() -> None:
    assert draw('{{ n|counted:"file,files" }}', n=1) == "1 file"
    assert draw('{{ n|counted:"file,files" }}', n=2894) == "2,894 files"


def test_breakable_paths_are_escaped() -> None:
    text = draw("{{ path|breakable }}", path="a/<b>&_c")
    assert text == "a/<wbr>&lt;b&gt;&amp;_<wbr>c"


@pytest.mark.parametrize(
    "source",
    [
        "{% badge hostile %}",
        "{% state hostile %}",
        "{% stat hostile hostile note=hostile unit=hostile %}",
        "{% empty_state hostile hostile url=hostile action=hostile %}",
        "{% progress hostile 1 2 note=hostile %}",
        "{% figure kind='lines' title=hostile json=hostile text=hostile %}{% endfigure %}",
    ],
)
def test_components_escape(source: str) -> None:
    text = draw(source, hostile='"><script>x</script>')
    assert "<script" not in text.lower()
    assert '""' not in text


def test_a_field_is_tied_to_its_help_and_errors() -> None:
    class Form(forms.Form):
        title = forms.CharField(help_text="One line.")

    text = draw("{% field form.title %}", form=Form({"title": ""}))
    assert 'aria-describedby="id_title-help id_title-errors"' in text
    assert 'aria-invalid="true"' in text
    assert 'id="id_title-errors"' in text
    assert 'label for="id_title"' in text


def test_pagination_takes_both_kinds_of_pages() -> None:
    ours = SimpleNamespace(page=2, pages=3, size=10, total=25)
    for page in (Paginator(range(25), 10).page(2), ours):
        text = draw("{% pagination page noun='items' %}", page=page, address="/?q=x")
        assert "11–20 of 25 items" in text  # noqa: RUF001 - the page's own sign
        assert "?q=x&amp;page=1" in text
        assert "?q=x&amp;page=3" in text


def test_pagination_of_one_row_needs_no_plural() -> None:
    page = Paginator(range(1), 10).page(1)
    text = draw("{% pagination page noun='items' %}", page=page, address="/")
    assert "1 in all" in text
    assert "items" not in text


def test_a_sorted_column_turns_around() -> None:
    address = "/?sort=-loc&page=4"
    text = draw('{% sort_header "loc" "Lines" number=True %}', sort="-loc", address=address)
    assert 'aria-sort="descending"' in text
    assert 'href="?sort=loc"' in text
    other = draw('{% sort_header "path" "File" %}', sort="-loc", address=address)
    assert "aria-sort" not in other
    assert 'href="?sort=path"' in other


def test_navigation_leaves_out_what_is_not_installed() -> None:
    assert draw('{% nav_link "nothing:here" "Nothing" icon="home" key="n" %}').strip() == ""


@pytest.mark.parametrize(("score", "step"), [(0, 0), (0.39, 0), (0.4, 1), (0.96, 3), (1, 4)])
def test_heat_steps(score: float, step: int) -> None:
    assert f"bar-heat-{step}" in draw("{% heat_bar score %}", score=score)
