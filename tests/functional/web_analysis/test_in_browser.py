"""The pages as a browser draws them: charts, keyboard, themes, small windows, live progress."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.domain.roles import Role
from analysis import services
from analysis.models import Repository
from tests.functional.conftest import PHONE, Visit
from tests.functional.web_analysis.conftest import HOSTILE_PATH

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = ("repository", "files", "structure", "coupling", "trend", "unreadable")


@pytest.fixture
def desk(visit: Callable[..., Visit], person: Callable[[Role], Any]) -> Visit:
    """A contributor at a desk."""
    return visit(person(Role.CONTRIBUTOR))


def address(name: str, *arguments: str) -> str:
    return reverse(f"analysis:{name}", args=arguments)


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def pixels(page: Page) -> str:
    """What is drawn in the first chart."""
    return str(page.evaluate("document.querySelector('[data-chart] canvas').toDataURL()"))


def show_all(page: Page) -> None:
    """Scroll to every chart and wait for its drawing."""
    charts = page.locator("[data-chart]")
    for number in range(charts.count()):
        charts.nth(number).scroll_into_view_if_needed()
        expect(charts.nth(number)).to_have_attribute("data-ready", "")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_draws_without_a_complaint(
    analysed: Repository,
    visit: Callable[..., Visit],
    person: Callable[[Role], Any],
    scheme: str,
) -> None:
    user = person(Role.OPERATOR)
    for size in ({"width": 1440, "height": 900}, PHONE):
        window = visit(user, size=size, scheme=scheme)
        window.to(address("repositories"))
        assert window.overflow == 0
        for name in PAGES:
            show_all(window.to(address(name, analysed.slug)))
            assert window.overflow == 0, name
        window.to(address("file", analysed.slug, HOSTILE_PATH))
        assert window.overflow == 0
        assert window.complaints == []


def test_a_chart_says_when_its_figures_do_not_load(analysed: Repository, desk: Visit) -> None:
    desk.page.route("**/hotspots.json", lambda route: route.abort())
    page = desk.to(address("repository", analysed.slug))
    expect(page.locator("[data-chart]")).to_contain_text("The table below has the same figures.")


def test_a_file_of_the_treemap_is_named_and_opened(analysed: Repository, desk: Visit) -> None:
    page = desk.to(address("repository", analysed.slug))
    show_all(page)
    chart = page.locator("[data-chart=treemap]")
    box = chart.bounding_box()
    assert box is not None
    middle = {"x": box["width"] / 3, "y": box["height"] / 2}
    chart.hover(position=middle)
    name = chart.locator(".chart-tip strong").inner_text()
    assert name.startswith("shop/")
    chart.click(position=middle)
    expect(page.locator("h1")).to_have_text(name)
    assert desk.complaints == []


def test_the_theme_is_kept_and_redraws_charts(analysed: Repository, desk: Visit) -> None:
    page = desk.to(address("repository", analysed.slug))
    show_all(page)
    light, drawn = background(page), pixels(page)
    page.get_by_role("button", name="Dark").click()
    assert background(page) != light
    page.wait_for_function("old => document.querySelector('canvas').toDataURL() !== old", arg=drawn)
    dark = background(page)
    page = desk.to(address("files", analysed.slug))
    assert background(page) == dark
    page.get_by_role("button", name="Auto").click()
    assert background(page) == light


def test_typing_filters_without_a_reload(analysed: Repository, desk: Visit) -> None:
    page = desk.to(address("files", analysed.slug))
    page.evaluate("window.stayed = true")
    page.keyboard.press("/")
    page.keyboard.type("cart")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.get_by_role("searchbox")).to_be_focused()
    assert page.url.endswith("q=cart&language=&show=own&sort=-hotspot")
    assert page.evaluate("window.stayed") is True
    page.go_back()
    expect(page.locator("tbody tr")).not_to_have_count(1)


def test_sorting_keeps_the_filter(analysed: Repository, desk: Visit) -> None:
    page = desk.to(address("files", analysed.slug) + "?q=shop/")
    page.evaluate("window.stayed = true")
    page.get_by_role("link", name="File", exact=True).click()
    expect(page.locator("th[aria-sort]")).to_have_text("File ↑")
    assert "q=shop" in page.url
    page.get_by_role("searchbox").fill("shop/c")
    expect(page).to_have_url(re.compile(r"q=shop%2Fc.*sort=path"))
    assert page.evaluate("window.stayed") is True


def test_the_keyboard_walks_through_a_table(analysed: Repository, desk: Visit) -> None:
    page = desk.to(address("files", analysed.slug) + "?sort=path")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("tbody tr").nth(1).locator("a.row-link")).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("shop/__init__.py")


def test_the_keyboard_goes_to_pages_and_helps(analysed: Repository, desk: Visit) -> None:
    page = desk.to(address("files", analysed.slug))
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("g")
    page.keyboard.press("r")
    expect(page).to_have_url(desk.address + address("repositories"))


def test_letters_typed_into_a_field_are_letters(analysed: Repository, desk: Visit) -> None:
    page = desk.to(address("files", analysed.slug))
    page.get_by_role("searchbox").click()
    page.keyboard.type("gr?j")
    expect(page.get_by_role("searchbox")).to_have_value("gr?j")
    assert "/files/" in page.url


def test_source_of_a_function_is_shown(analysed: Repository, desk: Visit) -> None:
    page = desk.to(address("file", analysed.slug, "shop/cart.py"))
    page.get_by_role("button", name="line 4").click()
    expect(page.locator("#source")).to_contain_text("def add(item):")


def test_progress_becomes_results_by_itself(registered: Repository, desk: Visit) -> None:
    run = services.analysis_request(repository=registered)
    page = desk.to(address("repository", registered.slug))
    expect(page.get_by_role("heading", name="Waiting to start")).to_be_visible()
    page.evaluate("window.stayed = true")
    services.run_execute(run_id=run.pk)
    expect(page.get_by_role("heading", name="Hotspots")).to_be_visible()
    expect(page.locator("[data-chart]")).to_have_attribute("data-ready", "")
    assert page.evaluate("window.stayed") is True
    assert desk.complaints == []


def test_the_navigation_opens_on_a_phone(
    analysed: Repository, visit: Callable[..., Visit], person: Callable[[Role], Any]
) -> None:
    window = visit(person(Role.VIEWER), size=PHONE)
    page = window.to(address("repository", analysed.slug))
    link = page.get_by_role("link", name="Repositories").and_(page.locator("nav a[data-go]"))
    expect(link).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(link).to_be_visible()
    box = link.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    link.click()
    expect(page).to_have_url(window.address + address("repositories"))


# How much of the width of the first chart the drawing takes, 0 to 1.
DRAWN_WIDTH = """() => {
  const canvas = document.querySelector("[data-chart=graph] canvas");
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  const columns = [];
  for (let x = 0; x < width; x++)
    for (let y = 0; y < height; y++)
      if (data[(y * width + x) * 4 + 3] > 128) { columns.push(x); break; }
  return (columns.at(-1) - columns[0]) / width;
}"""


def test_a_graph_fills_its_frame(analysed: Repository, desk: Visit) -> None:
    nodes = [
        {"name": f"shop/file_{number}.py", "size": 1, "group": number // 4, "href": "", "note": ""}
        for number in range(24)
    ]
    links = [[first, first + 1, 5, False] for first in range(23) if first % 4 < 3]
    figures = {"nodes": nodes, "links": links, "directed": False, "unit": "changes"}
    data = address("coupling_data", analysed.slug)
    desk.page.route(f"**{data}", lambda route: route.fulfill(json=figures))
    page = desk.to(address("coupling", analysed.slug))
    show_all(page)
    page.wait_for_timeout(500)
    assert page.evaluate(DRAWN_WIDTH) > 0.75
    assert desk.complaints == []


def test_no_tab_is_cut_on_a_phone(
    analysed: Repository, visit: Callable[..., Visit], person: Callable[[Role], Any]
) -> None:
    page = visit(person(Role.VIEWER), size=PHONE).to(address("coupling", analysed.slug))
    rights = page.locator(".tabs a").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().right)"
    )
    assert max(rights) <= PHONE["width"]
