"""Languages, vendored and generated files, and bots."""

import pytest

from analysis.domain.languages import is_bot, is_generated, is_vendored, language_of


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("a/b.py", "python"), ("typed.pyi", "python"), ("SConstruct", "python"),
        ("web/app.js", "javascript"), ("web/App.TSX", "typescript"), ("page.html", "html"),
        ("style.scss", "scss"), ("schema.sql", "sql"), ("run.sh", "shell"), ("ci.yml", "yaml"),
        ("pyproject.toml", "toml"), ("Makefile", "makefile"), ("Makefile.am", "makefile"),
        ("deploy/Dockerfile", "dockerfile"), ("Dockerfile.worker", "dockerfile"),
        ("web.Dockerfile", "dockerfile"), ("main.tf", "hcl"), ("a.j2", "jinja"),
        ("CMakeLists.txt", "cmake"), ("setup.cfg", "ini"), ("x.cpp", "c++"), ("x.rs", "rust"),
        ("build.gradle", "groovy"), ("Gemfile", "ruby"), ("site.conf.j2", "jinja"),
    ],
)  # fmt: skip
def test_code_has_a_language(path: str, language: str) -> None:
    assert language_of(path) == language


@pytest.mark.parametrize(
    "path",
    ["README.md", "doc/index.rst", "notes.txt", "data.json", "rows.csv", "locale/de.po", "logo.png",
     "poetry.lock", "pnpm-lock.yaml", "uv.lock", "LICENSE", "py", ".py", "a.py/data",
     "sample.json.tpl"],
)  # fmt: skip
def test_prose_data_and_locks_are_no_code(path: str) -> None:
    assert language_of(path) is None


@pytest.mark.parametrize(
    "path",
    ["vendor/a.py", "lib/node_modules/x/index.js", "third_party/x.c", "static/vendor/htmx.js",
     "assets/js/jquery-3.7.1.js", "src/_vendor/six.py", "static/admin/lib/chart.js",
     "versioneer.py"],
)  # fmt: skip
def test_vendored(path: str) -> None:
    assert is_vendored(path)


@pytest.mark.parametrize(
    "path",
    ["shop/vendors.py", "lib/cart.py", "src/external/api.py", "static/js/cart.js", "d3/plot.py"],
)
def test_not_vendored(path: str) -> None:
    assert not is_vendored(path)


@pytest.mark.parametrize(
    "path",
    ["app.min.js", "api/user_pb2.py", "api/user_pb2_grpc.py", "api/user.pb.go", "poetry.lock",
     "web/pnpm-lock.yaml", "dist/app.js", "core/names_generated.py", "src/generated/client.ts"],
)  # fmt: skip
def test_generated(path: str) -> None:
    assert is_generated(path)


@pytest.mark.parametrize(
    "path",
    ["shop/migrations/0001_initial.py", "generator.py", "minjs.py", "distance/map.js", "gen.py"],
)
def test_not_generated(path: str) -> None:
    assert not is_generated(path)


@pytest.mark.parametrize(
    ("name", "email"),
    [
        ("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com"),
        ("Renovate Bot", "bot@renovateapp.com"), ("Zuul", "zuul@review.example.org"),
        ("anything", "release-bot@example.org"), ("pre-commit-ci[bot]", "x@example.org"),
    ],
)  # fmt: skip
def test_bots(name: str, email: str) -> None:
    assert is_bot(name, email)


@pytest.mark.parametrize(
    ("name", "email"), [("Ann Abbot", "abbot@example.org"), ("Bot Tran", "bot.tran@example.org")]
)
def test_people(name: str, email: str) -> None:
    assert not is_bot(name, email)
