"""Everything the report says, as one dict: the writers format it and compute nothing."""

from .whole import content

__all__ = ["content"]
