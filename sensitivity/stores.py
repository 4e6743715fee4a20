"""Where bytes come from: local files, named by path or by ``file://``.

A name with any other scheme (``s3://``, ``obs://``, ``https://``) is refused with a reason,
so that it becomes a row among the failures and stops nothing.
"""

from __future__ import annotations

import os
import re
import stat as modes
from collections.abc import Iterable
from urllib.parse import urlsplit
from urllib.request import url2pathname

from .errors import ImageError

# Two letters or more: "C:\photos" is a Windows drive, not a scheme.
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]+)://")


def read_bytes(name: str) -> bytes:
    """Return the whole content of one file.

    Parameters
    ----------
    name : str
        Local path, relative to the working directory or absolute, or a ``file://`` URL.

    Returns
    -------
    bytes
        The content; ``b""`` for an empty file (decoding names that status).

    Raises
    ------
    ImageError
        ``missing``: there is no such file, or it may not or cannot be read.
        ``unsupported``: the name is a folder, a pipe or a device, or has a scheme other than
        ``file``.

    Examples
    --------
    >>> read_bytes("nowhere/cat.png")
    Traceback (most recent call last):
    ...
    sensitivity.errors.ImageError: image missing: no such file (nowhere/cat.png)
    """
    path = _local_path(name)
    try:
        # A pipe would be waited for, and a device read, for ever.
        if _is_special(os.stat(path).st_mode):
            raise ImageError("unsupported", "a pipe or a device, not a file", where=name)
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        raise ImageError("missing", "no such file", where=name) from None
    except IsADirectoryError:
        raise ImageError("unsupported", "a folder, not a file", where=name) from None
    except PermissionError:
        # Windows answers "permission denied" for a folder.
        if os.path.isdir(path):
            raise ImageError("unsupported", "a folder, not a file", where=name) from None
        raise ImageError("missing", "permission to read it was denied", where=name) from None
    except OSError as error:
        reason = f"cannot be read: {error.strerror or error}"
        raise ImageError("missing", reason, where=name) from error
    except ValueError as error:  # a NUL in the name
        raise ImageError("missing", f"not a file name: {error}", where=name) from error


def stat(name: str) -> tuple[int, int] | None:
    """Return size and time of change of one file, or None when there is none to read.

    Parameters
    ----------
    name : str
        As for :func:`read_bytes`.

    Returns
    -------
    tuple of (int, int) or None
        Size in bytes and modification time in nanoseconds since 1970. None for whatever
        :func:`read_bytes` would refuse by its name alone; nothing is raised.

    Examples
    --------
    >>> stat("nowhere/cat.png") is None
    True
    """
    try:
        found = os.stat(_local_path(name))
    except (ImageError, OSError, ValueError):
        return None
    return found.st_size, found.st_mtime_ns


def resolve(names: Iterable[str], root: str | os.PathLike[str] | None) -> list[str]:
    """Return the names as they can be opened: relative ones joined to `root`.

    Parameters
    ----------
    names : iterable of str
        Paths or URLs.
    root : str or path or None
        Folder that relative paths start from. None leaves every name as it is.

    Returns
    -------
    list of str
        One per name, in order. Absolute paths and names with a scheme are unchanged.

    Examples
    --------
    >>> resolve(["a.png", "/b.png", "s3://bucket/c.png"], "/photos")
    ['/photos/a.png', '/b.png', 's3://bucket/c.png']
    """
    names = [os.fspath(name) for name in names]
    if root is None:
        return names
    folder = os.fspath(root)
    # os.path.join keeps an absolute second part as it is.
    return [name if _SCHEME.match(name) else os.path.join(folder, name) for name in names]


def _is_special(mode: int) -> bool:
    return not (modes.S_ISREG(mode) or modes.S_ISDIR(mode))


def _local_path(name: str) -> str:
    name = os.fspath(name)
    found = _SCHEME.match(name)
    if found is None:
        return name

    url = urlsplit(name)
    if found[1].lower() == "file" and url.netloc in ("", "localhost"):
        return url2pathname(url.path)
    reason = f"{found[0]} names are not read here: this version reads local paths only"
    raise ImageError("unsupported", f"{reason}; download the files, or pass images=", where=name)
