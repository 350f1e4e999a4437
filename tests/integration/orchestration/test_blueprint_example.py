"""The example for authors of blueprints is sound, and really builds what it says."""

import re
from typing import Any

import pytest
import yaml
from django.conf import settings

from orchestration.adapters.catalogue import Found
from orchestration.adapters.probes import probe
from orchestration.services.blueprints import sound

_PART = re.compile(r"^`team-cache/([a-z.]+)`:\n\n```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)


def example() -> Found:
    page = (settings.BASE_DIR / "docs" / "blueprints.md").read_text(encoding="utf-8")
    files = dict(_PART.findall(page))
    return Found("team-cache", files.pop("blueprint.yml"), files)


def test_the_example_is_sound() -> None:
    found = example()
    assert sorted(found.files) == ["destroy.yml", "observe.yml", "provision.yml"]
    _document, manifest = sound(found)
    assert manifest.tier("small").capacity == {"memory_mb": 64}


@pytest.mark.slow
def test_the_example_builds_what_it_says(build: Any) -> None:
    found = example()
    cache = build("redis", "cache")
    cache.manifest, cache.files = yaml.safe_load(found.manifest), found.files
    assert cache.apply().changed > 0
    seen = probe("redis", cache.outputs, {"maxmemory_mb": 64}, seconds=10)
    assert seen.is_well, seen.sentences
    assert cache.apply().changed == 0
    assert cache.differences() == ()
    cache.destroy()
    assert cache.remains() == ()
