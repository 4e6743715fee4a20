"""Strict JSON, and files that are written whole or not at all."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sensitivity import tables
from sensitivity.encoding import encode, plain, table_columns, table_frame, write_atomically


def test_failed_write_leaves_the_old_file(tmp_path: Path):
    path = tmp_path / "file.json"
    path.write_text("old")

    def half(part: Path) -> None:
        part.write_text("ne")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_atomically(path, half)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["file.json"]


def test_killed_write_leaves_the_old_file(tmp_path: Path):
    path = tmp_path / "file.json"
    path.write_text("old")
    script = textwrap.dedent(
        f"""
        import os, signal
        from pathlib import Path
        from sensitivity.encoding import write_atomically

        def die(part):
            part.write_text("ne")
            os.kill(os.getpid(), signal.SIGKILL)

        write_atomically(Path({str(path)!r}), die)
        """
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -9
    assert path.read_text() == "old"


def test_new_file_is_as_readable_as_any_other(tmp_path: Path):
    plain = tmp_path / "plain"
    plain.write_text("")
    write_atomically(tmp_path / "ours", lambda part: part.write_text(""))
    assert (tmp_path / "ours").stat().st_mode == plain.stat().st_mode


@pytest.mark.parametrize("schema", tables.TABLES, ids=lambda schema: schema.name)
def test_table_comes_back_from_json(schema: tables.Schema):
    values = {
        "text": ["a", "缺陷"],
        "integer": [3, -1],
        "number": [0.1 + 0.2, np.nan],
        "boolean": [True, False],
    }
    table = pd.DataFrame({column.name: values[column.kind] for column in schema.columns})
    listed = json.loads(encode(table_columns(table)))
    pd.testing.assert_frame_equal(table_frame(listed, schema), table, check_exact=True)


def test_table_without_rows_comes_back():
    table = table_frame({name: [] for name in tables.BINS.names}, tables.BINS)
    assert table_columns(table) == {name: [] for name in tables.BINS.names}


def test_settings_are_made_plain():
    given = {1: (np.int64(2), [np.nan]), "a": np.arange(2), "none": None}
    assert json.loads(encode(plain(given))) == {"1": [2, [None]], "a": [0, 1], "none": None}
