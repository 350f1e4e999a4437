"""Which language a file is written in, and whether it is the team's own work.

Names and patterns follow GitHub's Linguist. Only what people write and maintain as code counts:
programs, templates, style sheets, queries, build and configuration files; no prose, no data.
"""

from __future__ import annotations

import re
from functools import lru_cache

_EXTENSIONS = {
    "ada": "ada adb ads",
    "assembly": "asm s",
    "astro": "astro",
    "awk": "awk",
    "batch": "bat cmd",
    "c": "c h",
    "c#": "cs csx",
    "c++": "cc cpp cxx c++ hh hpp hxx h++ ipp tpp",
    "clojure": "clj cljc cljs",
    "cmake": "cmake",
    "cobol": "cob cbl cpy",
    "coffeescript": "coffee",
    "common lisp": "lisp lsp cl",
    "crystal": "cr",
    "css": "css",
    "cuda": "cu cuh",
    "cython": "pyx pxd pxi",
    "d": "d di",
    "dart": "dart",
    "dockerfile": "dockerfile containerfile",
    "elixir": "ex exs",
    "elm": "elm",
    "erb": "erb rhtml",
    "erlang": "erl hrl",
    "f#": "fs fsi fsx",
    "fish": "fish",
    "fortran": "f f77 f90 f95 f03 f08 for",
    "gherkin": "feature",
    "glsl": "glsl frag vert",
    "go": "go",
    "graphql": "graphql gql graphqls",
    "groovy": "groovy gradle gvy",
    "haml": "haml",
    "handlebars": "handlebars hbs",
    "haskell": "hs lhs",
    "hcl": "hcl tf tfvars tofu",
    "html": "html htm xhtml shtml",
    "ini": "ini cfg conf properties editorconfig",
    "java": "java",
    "java server pages": "jsp jspx tag",
    "javascript": "js cjs mjs jsx es6",
    "jinja": "j2 jinja jinja2",
    "julia": "jl",
    "kotlin": "kt kts",
    "less": "less",
    "liquid": "liquid",
    "lua": "lua",
    "makefile": "mk mak make",
    "mako": "mako mao",
    "mustache": "mustache",
    "nim": "nim nims",
    "nix": "nix",
    "objective-c": "m mm",
    "ocaml": "ml mli",
    "pascal": "pas dpr lpr pp",
    "perl": "pl pm t perl",
    "php": "php phtml php3 php4 php5 phps",
    "powershell": "ps1 psm1 psd1",
    "prolog": "pro prolog",
    "protocol buffers": "proto",
    "pug": "pug jade",
    "puppet": "epp",
    "python": "py pyi pyw",
    "qml": "qml",
    "r": "r",
    "racket": "rkt",
    "razor": "cshtml razor",
    "rego": "rego",
    "ruby": "rb rake gemspec ru",
    "rust": "rs",
    "sass": "sass",
    "scala": "scala sc sbt",
    "scheme": "scm ss",
    "scss": "scss",
    "shell": "sh bash zsh ksh bats",
    "smarty": "tpl",
    "solidity": "sol",
    "sql": "sql ddl dml pgsql plsql psql",
    "starlark": "bzl star bazel",
    "stylus": "styl",
    "svelte": "svelte",
    "swift": "swift",
    "tcl": "tcl tk",
    "thrift": "thrift",
    "toml": "toml",
    "twig": "twig",
    "typescript": "ts cts mts tsx",
    "vala": "vala vapi",
    "vb.net": "vb",
    "verilog": "v vh sv svh",
    "vhdl": "vhd vhdl",
    "vim script": "vim",
    "vue": "vue",
    "webassembly": "wat wast",
    "wgsl": "wgsl",
    "xslt": "xsl xslt",
    "yaml": "yaml yml",
    "zig": "zig",
}
_FILE_NAMES = {
    "cmake": "cmakelists.txt",
    "dockerfile": "dockerfile containerfile",
    "go": "go.mod",
    "groovy": "jenkinsfile",
    "ini": ".editorconfig .gitconfig .flake8 .coveragerc .pylintrc pylintrc .npmrc",
    "just": "justfile .justfile",
    "makefile": "makefile gnumakefile bsdmakefile kbuild",
    "meson": "meson.build meson_options.txt",
    "procfile": "procfile",
    "python": "sconstruct sconscript wscript",
    "ruby": "gemfile rakefile vagrantfile podfile fastfile brewfile guardfile capfile",
    "shell": ".bashrc .bash_profile .profile .zshrc .envrc pkgbuild",
    "starlark": "build workspace build.bazel workspace.bazel tiltfile buck",
}
_BY_EXTENSION = {
    extension: language for language, names in _EXTENSIONS.items() for extension in names.split()
}
_BY_NAME = {name: language for language, names in _FILE_NAMES.items() for name in names.split()}

# A template of data or prose, such as sample.json.tpl, is no more code than what it makes.
_TEMPLATES = frozenset({"tpl", "j2", "jinja", "jinja2", "erb", "mustache", "hbs"})
_DATA = (".json", ".xml", ".txt", ".md", ".rst", ".csv")

# Written by package managers and changed by nobody.
_LOCK_FILES = frozenset(
    {
        ".terraform.lock.hcl", "bun.lock", "cargo.lock", "composer.lock", "flake.lock",
        "gemfile.lock", "go.sum", "mix.lock", "npm-shrinkwrap.json", "package-lock.json",
        "package.resolved", "packages.lock.json", "pdm.lock", "pipfile.lock", "pixi.lock",
        "pnpm-lock.yaml", "podfile.lock", "poetry.lock", "pubspec.lock", "pylock.toml", "uv.lock",
        "yarn.lock",
    }
)  # fmt: skip

_VENDORED = re.compile(
    r"""
    (?: ^ | / )
    (?:
        (?: vendor | vendors | vendored | _vendor | _vendored | third[-_]?party | 3rd[-_]?party
          | node_modules | bower_components | jspm_packages | site-packages
          | \.venv | virtualenv | \.yarn/(?: releases | plugins | sdks | versions | unplugged )
          | Godeps/_workspace | Carthage | Pods | \.bundle | gradle/wrapper
          | extern | \.tox | \.nox | \.eggs
        ) /
      | (?: static | assets | public ) / (?: .* / )? (?: lib | libs | vendor | plugins ) /
      | (?: jquery | bootstrap | underscore | backbone | prototype | mootools | modernizr | d3
          | htmx | alpine | react | react-dom | vue | angular | lodash | moment | require | ember
          | tinymce | ckeditor | foundation | normalize | font-?awesome | raphael | handlebars
        ) (?: [-.] [\w.-]* )? \. (?: js | css | scss | less ) $
      | (?: gradlew | gradlew\.bat | mvnw | mvnw\.cmd | waf | ez_setup\.py | distribute_setup\.py
          | versioneer\.py | configure | config\.guess | config\.sub | ltmain\.sh | install-sh
        ) $
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_GENERATED = re.compile(
    r"""
      (?: [-.] min | [-.]bundle | \.chunk ) \. (?: js | mjs | cjs | css ) $
    | \. (?: js | css | mjs | ts ) \.map $
    | _pb2 (?: _grpc )? \. pyi? $
    | \. pb (?: \.gw | \.validate )? \. (?: go | cc | h | rb | swift ) $
    | _pb \. (?: js | d\.ts | rb ) $
    | \. (?: g | freezed | gr | pb | pbgrpc | pbjson | mocks ) \.dart $
    | \. (?: designer | generated | g | g\.i | feature ) \.cs $
    | (?: [._]generated | [._]gen | [._]autogen ) \. \w+ $
    | (?: ^ | / ) zz_generated [.\w-]* \.go $
    | (?: ^ | / ) (?: __generated__ | generated | autogen | gen-\w+ ) /
    | (?: ^ | / ) (?: dist | _build ) / [^/]+ \. (?: js | css | mjs ) $
    | (?: ^ | / ) (?: __pycache__ | \.next | \.nuxt | \.svelte-kit ) /
    | (?: ^ | / ) (?: parsetab | lextab | _version ) \.py $
    | (?: ^ | / ) \.pnp\. (?: c | loader\.m )? js $
    | (?: Lexer | Parser | Listener | Visitor ) \.interp $
    """,
    re.VERBOSE | re.IGNORECASE,
)

_BOT_NAMES = frozenset(
    {
        "allcontributors", "dependabot", "dependabot-preview", "github-actions", "github actions",
        "gitlab bot", "greenkeeper", "imgbot", "jenkins", "mergify", "openstack proposal bot",
        "pre-commit-ci", "pyup-bot", "renovate", "renovate bot", "semantic-release-bot",
        "snyk-bot", "transifex", "travis ci", "travis-ci", "weblate", "whitesource", "zuul",
        "openstack release bot",
    }
)  # fmt: skip
_BOT_NAME = re.compile(r"\[bot\]$|(?:^|[-_ ])bot$", re.IGNORECASE)
_BOT_EMAIL = re.compile(r"\[bot\]@|(?:^|[+._-])(?:bot|no-?reply-bot)@", re.IGNORECASE)


# A worker sees the same paths again with every push; the patterns take longer than the look-up.
_remembering = lru_cache(maxsize=20_000)


@_remembering
def language_of(path: str) -> str | None:
    """Return the language of a file by its name, in lower case; None: no code.

    Prose (Markdown, reStructuredText, text), data (JSON, CSV, translations), lock files and
    binary files are no code.
    """
    name = path.rpartition("/")[2].lower()
    if name in _LOCK_FILES:
        return None
    if name in _BY_NAME:
        return _BY_NAME[name]
    stem, _, extension = name.rpartition(".")
    if extension in _TEMPLATES and stem.endswith(_DATA):
        return None
    if stem and extension in _BY_EXTENSION:
        return _BY_EXTENSION[extension]
    # Dockerfile.worker, Makefile.am
    first = name.partition(".")[0]
    return _BY_NAME[first] if first in ("dockerfile", "containerfile", "makefile") else None


@_remembering
def is_vendored(path: str) -> bool:
    """Return whether a file is a copy of somebody else's work."""
    return _VENDORED.search(path) is not None


@_remembering
def is_generated(path: str) -> bool:
    """Return whether a program wrote the file. Migrations do not count: people edit them."""
    if path.rpartition("/")[2].lower() in _LOCK_FILES:
        return True
    return _GENERATED.search(path) is not None


def is_bot(name: str, email: str) -> bool:
    """Return whether an author is an automatic one, by name or address."""
    lowered = name.strip().lower()
    return (
        lowered in _BOT_NAMES
        or _BOT_NAME.search(lowered) is not None
        or _BOT_EMAIL.search(email.strip()) is not None
    )
