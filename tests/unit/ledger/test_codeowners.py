"""CODEOWNERS against the examples of GitHub's and GitLab's documentation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.codeowners import MOST_RULES, matches, parse

GITHUB = """\
# This is a comment.
*       @global-owner1 @global-owner2
*.js    @js-owner #This is an inline comment.
*.go docs@example.com
*.txt @octo-org/octocats
/build/logs/ @doctocat
docs/* docs@example.com
apps/ @octocat
/docs/ @doctocat
/scripts/ @doctocat @octocat
**/logs @octocat-logs
/apps/ @octocat
/apps/github
"""

GITLAB = """\
* @default-codeowner

[Documentation] @docs-team
docs/
README.md @readme-owner
internal/README.md

^[Database][2] @database-team
model/db/
config/db/database-setup.md @docs-team

[documentation]
/path\\ with\\ spaces/*.md @space-owner
"""


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("README", ("@global-owner1", "@global-owner2")),
        ("src/deep/x.js", ("@js-owner",)),
        ("x.go", ("docs@example.com",)),
        ("notes/a.txt", ("@octo-org/octocats",)),
        ("build/logs/a/b", ("@octocat-logs",)),
        ("lib/build/other", ("@global-owner1", "@global-owner2")),
        ("deeply/nested/logs/today", ("@octocat-logs",)),
        ("lib/apps/x", ("@octocat",)),
        ("docs/deep/x.md", ("@doctocat",)),
        ("scripts/run", ("@doctocat", "@octocat")),
        ("apps/x", ("@octocat",)),
        # A later line without owners leaves the folder to nobody.
        ("apps/github/x", ()),
        ("apps/github", ()),
    ],
)
def test_github(path: str, owners: tuple[str, ...]) -> None:
    assert parse(GITHUB).owners_of(path) == owners


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("x.rb", ("@default-codeowner",)),
        ("docs/x.md", ("@default-codeowner", "@docs-team")),
        ("a/README.md", ("@default-codeowner", "@readme-owner")),
        ("a/internal/README.md", ("@default-codeowner", "@docs-team")),
        ("app/model/db/x.rb", ("@default-codeowner", "@database-team")),
        ("path with spaces/x.md", ("@default-codeowner", "@space-owner")),
    ],
)
def test_gitlab(path: str, owners: tuple[str, ...]) -> None:
    assert parse(GITLAB).owners_of(path) == owners


def test_an_exclusion_takes_a_path_out_of_its_section() -> None:
    owners = parse("[Ruby]\n*.rb @ruby\n!/vendor/**/* @nobody\n")
    assert owners.owners_of("app/x.rb") == ("@ruby",)
    assert owners.owners_of("vendor/a/x.rb") == ()


@pytest.mark.parametrize(
    ("pattern", "path", "is_covered"),
    [
        ("docs/*", "docs/getting-started.md", True),
        ("docs/*", "docs/build-app/troubleshooting.md", False),
        ("/docs", "lib/docs/x", False),
        ("docs", "lib/docs/x", True),
        ("apps/", "apps", False),
        ("a/**/z", "a/z", True),
        ("a/**/z", "a/b/c/z/file", True),
        ("a/**", "a/b/c", True),
        ("f?o.py", "x/foo.py", True),
        ("f?o.py", "x/fo.py", False),
        ("\\#x", "#x", True),
        ("*", "a/b/c", True),
    ],
)
def test_patterns(pattern: str, path: str, is_covered: bool) -> None:
    assert matches(pattern, path) is is_covered


@given(st.text(max_size=300), st.text(max_size=60))
def test_any_text_is_read(text: str, path: str) -> None:
    assert isinstance(parse(text).owners_of(path), tuple)


def test_hostile_patterns_end() -> None:
    text = "\n".join(["*a" * 400 + "b @x", "**/" * 300 + "b @y", *["z @z"] * (2 * MOST_RULES)])
    owners = parse(text)
    # Were it not decided at once, this would never end.
    assert owners.owners_of("a" * 900 + "/" + "c/" * 50 + "d") == ()
    assert sum(len(rules) for _name, rules in owners.sections) == MOST_RULES
