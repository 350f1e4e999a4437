"""`blueprint.yml` as text from strangers: plain names and values, or what is wrong with it."""

import json
import re
from collections import Counter
from typing import Any

import yaml

from orchestration.domain.manifests import BadManifest

# A manifest is read by people (bytes, levels).
LARGEST = 64 * 1024
DEEPEST = 20
# What is read otherwise than it stands there: it turns the direction of writing around, has no
# width, or breaks lines for some and not for others.
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e0fff]"
)


class _Loader(yaml.SafeLoader):
    """YAML without what a manifest has no use for: aliases, which can blow up, and names twice."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise BadManifest(("Write every value out: aliases (*name) are not taken.",))
        self.depth += 1
        if self.depth > DEEPEST:
            raise BadManifest((f"Its values are nested more than {DEEPEST} levels deep.",))
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
        twice = sorted(str(name)[:40] for name, times in names.items() if times > 1)
        if twice:
            raise BadManifest(tuple(f"{name!r} stands there twice." for name in twice))
        return super().construct_mapping(node, deep=deep)


def load(text: str) -> Any:
    """What a `blueprint.yml` holds, fit to be stored as JSON. Raises BadManifest."""
    if len(text.encode("utf-8", "surrogatepass")) > LARGEST:
        raise BadManifest((f"blueprint.yml is larger than {LARGEST // 1024} KiB.",))
    try:
        document = yaml.load(text, _Loader)  # noqa: S506 - a subclass of SafeLoader
        as_json = json.dumps(document, allow_nan=False)
        # A database refuses half characters and the character of no value.
        as_json.encode()
        if _has_unfit(document):
            raise BadManifest(("A text holds a character that cannot be stored, or is not seen.",))
        return json.loads(as_json)
    except yaml.YAMLError as error:
        raise BadManifest((f"blueprint.yml is no YAML: {_place(error)}.",)) from None
    except (TypeError, ValueError, RecursionError):
        only = "blueprint.yml holds something else than texts, numbers, yes and no, and lists."
        raise BadManifest((only,)) from None


def _place(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    what = str(getattr(error, "problem", None) or "it cannot be read")[:200]
    return f"{what}, in line {mark.line + 1}" if mark is not None else what


def _has_unfit(value: Any) -> bool:
    if isinstance(value, str):
        is_whole = not any(sign == "\0" or "\ud800" <= sign <= "\udfff" for sign in value)
        return not is_whole or UNSEEN.search(value) is not None
    if isinstance(value, dict):
        return any(_has_unfit(one) for pair in value.items() for one in pair)
    return isinstance(value, list) and any(_has_unfit(one) for one in value)
