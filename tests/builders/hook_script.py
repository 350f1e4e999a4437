"""The hook script as a module, since a file without .py is not found by an import statement."""

import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from types import ModuleType

from tests.architecture.sources import ROOT

SCRIPT = ROOT / "hooks" / "client" / "displace-hook"


def load() -> ModuleType:
    """The script's functions, read once."""
    name = "displace_hook_under_test"
    if name not in sys.modules:
        loader = SourceFileLoader(name, str(SCRIPT))
        spec = spec_from_loader(name, loader)
        assert spec is not None
        module = module_from_spec(spec)
        sys.modules[name] = module
        # No compiled file beside the script, where users would copy it along.
        before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        try:
            loader.exec_module(module)
        finally:
            sys.dont_write_bytecode = before
    return sys.modules[name]
