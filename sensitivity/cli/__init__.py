"""The command line: parses, calls, prints."""

from __future__ import annotations

import io
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from .. import clash

EXIT_CODES = """Exit codes: 0 done, 1 unexpected error, 2 usage, 3 bad data, or not one
image that could be opened, 4 a gate failed, 5 a gate is inconclusive (too few
images), 130 interrupted."""


def main(tokens: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    tokens : sequence of str, optional
        The arguments; None: those of the process.

    Returns
    -------
    int
        The exit code. Bad data and bad usage are one line on stderr.

    Examples
    --------
    >>> main(["--version"])
    0.1.0
    0
    """
    if not hasattr(sys.modules["sensitivity"], "_HOMES"):
        print(f"sensitivity: {clash.MESSAGE}", file=sys.stderr)
        return 1
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Whatever the locale: a sign that it lacks is a question mark, not the end.
        sys.stdout.reconfigure(errors="replace")
    from cyclopts import CycloptsError

    from ..errors import SensitivityError
    from .app import build

    words = list(sys.argv[1:] if tokens is None else tokens)
    try:
        with _warnings_on_stderr():
            found = build(words)(
                words, exit_on_error=False, print_error=False, result_action="return_value"
            )
        sys.stdout.flush()
    except CycloptsError as error:
        print(f"sensitivity: {error}", file=sys.stderr)
        return 2
    except SensitivityError as error:
        from ..report.columns import clean

        # One line, whatever a name in it holds.
        print(f"sensitivity: {clean(str(error))}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("sensitivity: interrupted; what was measured is kept", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader (head, less) has seen enough; python must not complain at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        # A full disk, a folder that may not be written.
        print(f"sensitivity: {error}", file=sys.stderr)
        return 1
    else:
        # Only the commands that judge, and those that analyse, return something.
        return found if isinstance(found, int) else 0
    return 0


@contextmanager
def _warnings_on_stderr() -> Iterator[None]:
    """Show what the library warns of as single lines."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        try:
            yield
        finally:
            for warning in caught:
                from ..report.columns import clean

                print(f"warning: {clean(str(warning.message))}", file=sys.stderr)
