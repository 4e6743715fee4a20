"""A stand-in for PyTorch, so that the pages are the same where it is not installed.

Sphinx's own mock will not do: its objects cannot stand in ``nn.Module | Callable``.
"""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType


class StandIn(ModuleType):
    """A module that has every name: a class without content."""

    __path__: tuple[str, ...] = ()

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        found = type(name, (), {"__module__": self.__name__})
        setattr(self, name, found)
        return found


def install() -> None:
    """Put it in the place of PyTorch, where that is missing."""
    if importlib.util.find_spec("torch") is not None:
        return
    torch = sys.modules["torch"] = StandIn("torch")
    for name in ("nn", "nn.functional", "utils", "utils.data"):
        parent, _, last = f"torch.{name}".rpartition(".")
        module = sys.modules[f"torch.{name}"] = StandIn(f"torch.{name}")
        setattr(sys.modules[parent], last, module)
    assert torch.nn.functional is sys.modules["torch.nn.functional"]
