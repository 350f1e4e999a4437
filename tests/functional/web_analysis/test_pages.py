"""What the repository pages answer, whoever asks."""

import html
import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.domain.roles import Role
from analysis import services
from analysis.domain.trend import Every
from analysis.models import Repository, SnapshotFile
from tests.functional.web_analysis.conftest import HOSTILE_NAME, HOSTILE_PATH

PAGES = ("repository", "files", "structure", "coupling", "trend", "unreadable")
# The measured files that have lines.
DRAWN = {"shop/cart.py", "shop/order.py", "shop/checkout.py", HOSTILE_PATH}
DATA = ("hotspots_data", "matrix_data", "module_graph_data", "coupling_data")


def body(client: Client, name: str, *arguments: str, **query: str) -> str:
    response = client.get(reverse(f"analysis:{name}", args=arguments), query)
    assert response.status_code == 200
    return response.content.decode()


def paths_in(text: str) -> list[str]:
    """The paths of the table of files, in the order shown."""
    found = re.findall(r'<a class="row-link"[^>]*>(.*?)</a>', text)
    return [html.unescape(path.replace("<wbr>", "")) for path in found]


@pytest.mark.parametrize("name", PAGES)
def test_pages_never_trust_names(analysed: Repository, viewer: Client, name: str) -> None:
    text = body(viewer, name, analysed.slug)
    assert HOSTILE_NAME not in text
    assert "<img" not in text
    assert html.escape(HOSTILE_NAME) in text


def test_a_file_with_a_hostile_path_has_its_page(analysed: Repository, viewer: Client) -> None:
    text = body(viewer, "file", analysed.slug, HOSTILE_PATH)
    assert "<img" not in text
    assert "odd" in text


def test_overview_says_what_was_measured(analysed: Repository, viewer: Client) -> None:
    text = body(viewer, "repository", analysed.slug)
    assert "Hotspots" in text
    assert "2 modules are" in text
    assert "1 cycle" in text
    assert "shop/" in text


def test_overview_links_its_debt_without_javascript(analysed: Repository, viewer: Client) -> None:
    text = body(viewer, "repository", analysed.slug)
    assert "Debt in this repository" in text
    assert f'href="{reverse("ledger:register")}?repository={analysed.slug}"' in text
    assert f'hx-get="{reverse("ledger:repository_items")}?repository={analysed.slug}"' in text


@pytest.mark.parametrize("name", [*PAGES, *DATA])
def test_number_of_queries_does_not_grow(analysed: Repository, viewer: Client, name: str) -> None:
    address = reverse(f"analysis:{name}", args=[analysed.slug])
    viewer.get(address)
    with CaptureQueriesContext(
        connection,
    ) as few:
        viewer.get(address)
    row = SnapshotFile.objects.get(path="shop/cart.py", snapshot=analysed.current_snapshot)
    for number in range(40):
        row.pk, row.path = None, f"more/file_{number}.py"
        row.error = "syntax" if number % 2 else ""
        row.save()
    with CaptureQueriesContext(connection) as many:
        viewer.get(address)
    assert len(many) == len(few)
    assert len(many) <= 14


@pytest.mark.parametrize(
    ("sort", "first"), [("path", "shop/__init__.py"), ("-loc", "shop/cart.py")]
)
def test_files_are_sorted(analysed: Repository, viewer: Client, sort: str, first: str) -> None:
    assert paths_in(body(viewer, "files", analysed.slug, sort=sort))[0] == first


@pytest.mark.parametrize("sort", ["loc", "-loc", "complexity", "-hotspot"])
def test_unmeasured_files_come_last(analysed: Repository, viewer: Client, sort: str) -> None:
    measured = {
        "shop/cart.py",
        "shop/order.py",
        "shop/checkout.py",
        "shop/__init__.py",
        HOSTILE_PATH,
    }
    shown = paths_in(body(viewer, "files", analysed.slug, sort=sort))
    assert set(shown[: len(measured)]) == measured


@pytest.mark.parametrize("query", [{"sort": "password"}, {"page": "x"}, {"page": "999"}])
def test_odd_queries_show_a_page(
    analysed: Repository, viewer: Client, query: dict[str, str]
) -> None:
    assert "shop/cart.py" in paths_in(body(viewer, "files", analysed.slug, **query))


def test_files_are_filtered(analysed: Repository, viewer: Client) -> None:
    assert paths_in(body(viewer, "files", analysed.slug, q="CART")) == ["shop/cart.py"]
    assert paths_in(body(viewer, "files", analysed.slug, language="html")) == ["web/page.html"]
    assert "No file matches" in body(viewer, "files", analysed.slug, q="nothing like it")


def test_unreadable_files_have_a_reason(analysed: Repository, viewer: Client) -> None:
    text = body(viewer, "unreadable", analysed.slug)
    assert paths_in(text) == ["shop/ancient.py", "shop/broken.py"]
    assert "Python 2" in text
    assert "Syntax error" in text
    assert "could not be measured" in body(viewer, "file", analysed.slug, "shop/broken.py")


def test_structure_shows_the_cycle_and_its_cut(analysed: Repository, viewer: Client) -> None:
    text = body(viewer, "structure", analysed.slug).replace("<wbr>", "")
    assert "should stop importing" in text
    assert "shop.cart" in text


def test_matrix_marks_the_cycle(analysed: Repository, viewer: Client) -> None:
    figures = viewer.get(reverse("analysis:matrix_data", args=[analysed.slug])).json()
    names = [module["name"] for module in figures["modules"]]
    marked = {(names[row], names[column]) for row, column, _, cyclic in figures["cells"] if cyclic}
    assert marked == {("shop.cart", "shop.order"), ("shop.order", "shop.cart")}
    for row, column, _, cyclic in figures["cells"]:
        assert cyclic or column < row


def test_treemap_has_measured_files_only(analysed: Repository, viewer: Client) -> None:
    figures = viewer.get(reverse("analysis:hotspots_data", args=[analysed.slug])).json()
    paths = {path for path, lines, hotspot in figures["files"]}
    assert paths == DRAWN


def test_coupled_files_are_shown_as_pairs(analysed: Repository, viewer: Client) -> None:
    text = body(viewer, "coupling", analysed.slug).replace("<wbr>", "")
    assert "shop/cart.py" in text
    assert "100 %" in text
    assert "shop/order.py" in body(viewer, "file", analysed.slug, "shop/cart.py").replace(
        "<wbr>", ""
    )


@pytest.mark.parametrize("name", DATA)
def test_figures_are_sent_once(analysed: Repository, viewer: Client, name: str) -> None:
    address = reverse(f"analysis:{name}", args=[analysed.slug])
    first = viewer.get(address)
    again = viewer.get(address, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert again.content == b""


def test_source_lines_are_escaped(analysed: Repository, viewer: Client) -> None:
    text = body(viewer, "lines", analysed.slug, "web/page.html", first="1", last="5")
    assert "&lt;p&gt;Shop&lt;/p&gt;" in text


@pytest.mark.parametrize("query", [{"first": "-1"}, {"first": "x"}, {"last": "9" * 30}])
def test_odd_line_numbers_are_harmless(
    analysed: Repository, viewer: Client, query: dict[str, str]
) -> None:
    body(viewer, "lines", analysed.slug, "shop/cart.py", **query)


@pytest.mark.parametrize("name", [*PAGES, *DATA, "progress"])
def test_unknown_repositories_are_not_found(viewer: Client, name: str) -> None:
    assert viewer.get(reverse(f"analysis:{name}", args=["nothing"])).status_code == 404


def test_unknown_files_are_not_found(analysed: Repository, viewer: Client) -> None:
    address = reverse("analysis:file", args=[analysed.slug, "no/such/file.py"])
    assert viewer.get(address).status_code == 404


@pytest.mark.parametrize("name", PAGES)
def test_strangers_have_to_sign_in(analysed: Repository, client: Client, name: str) -> None:
    response = client.get(reverse(f"analysis:{name}", args=[analysed.slug]))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("accounts:sign_in"))


def test_before_the_first_analysis(
    registered: Repository, signed_in: Callable[[Role], Client]
) -> None:
    client = signed_in(Role.CONTRIBUTOR)
    text = body(client, "repository", registered.slug)
    assert "Not analysed yet" in text
    assert "Analyse now" in text
    assert client.get(reverse("analysis:files", args=[registered.slug])).status_code == 404


def test_the_trend_says_how_to_measure_the_past_and_then_shows_it(
    analysed: Repository, viewer: Client
) -> None:
    assert "python manage.py trend" in body(viewer, "trend", analysed.slug)
    services.trend_measure(
        repository=analysed, every=Every.COMMIT, report=lambda _done, _total: None
    )
    text = body(viewer, "trend", analysed.slug)
    assert "python manage.py trend" not in text
    assert text.count('data-chart="lines"') == 3
    assert text.count('<tr><th scope="row"') == 7
