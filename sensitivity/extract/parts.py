"""The cache: small Parquet parts, each whole or absent.

A part holds the rows of one shard. Rows are found again by key (path, size, time of last
change), wherever they stand in the next run's list, under the hash of the configuration.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from ..encoding import write_atomically

if TYPE_CHECKING:
    import pyarrow as pa

    from .shard import Shard, ShardRows


class CachedRow(NamedTuple):
    """One image's values and, if it could not be measured, its failure."""

    values: npt.NDArray[np.float32]
    failure: tuple[str, str, str] | None


def write_part(folder: Path, shard: Shard, found: ShardRows, names: tuple[str, ...]) -> Path:
    """Write one shard's rows.

    Parameters
    ----------
    folder : pathlib.Path
        The cache folder of the configuration; it must exist.
    shard : Shard
        The images; those without a key are not kept.
    found : ShardRows
        Their rows.
    names : tuple of str
        Feature names, in the order of the values.

    Returns
    -------
    pathlib.Path
        The part.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    kept = [position for position, key in enumerate(shard.keys) if key is not None]
    failed = {position: failure for position, *failure in found.failures}
    columns: dict[str, pa.Array] = {"key": pa.array([shard.keys[p] for p in kept], pa.string())}
    for place, column in enumerate(("stage", "status", "reason")):
        texts = [failed[p][place] if p in failed else None for p in kept]
        columns[column] = pa.array(texts, pa.string())
    for place, name in enumerate(names):
        columns[f"feature:{name}"] = pa.array(found.values[kept, place], pa.float32())
    path = folder / f"part-{shard.id}.parquet"
    write_atomically(path, lambda part: pq.write_table(pa.table(columns), part))
    return path


def read_parts(folder: Path, names: tuple[str, ...]) -> dict[str, CachedRow]:
    """Read all rows that a folder holds.

    Parameters
    ----------
    folder : pathlib.Path
        The cache folder of the configuration; absent means empty.
    names : tuple of str
        Feature names, in the order wanted.

    Returns
    -------
    dict
        From key to row. A part that cannot be read counts as absent and is measured again.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows: dict[str, CachedRow] = {}
    for path in sorted(folder.glob("part-*.parquet")):
        try:
            table = pq.read_table(path)
            rows.update(_rows(table, names))
        except (pa.ArrowInvalid, KeyError, OSError):
            continue
    return rows


def _rows(table: pa.Table, names: tuple[str, ...]) -> dict[str, CachedRow]:
    values = np.column_stack(
        [table[f"feature:{name}"].to_numpy() for name in names] or [np.empty((len(table), 0))]
    ).astype(np.float32, copy=False)
    failures = zip(
        *(table[name].to_pylist() for name in ("stage", "status", "reason")), strict=True
    )
    return {
        key: CachedRow(row, failure if failure[1] is not None else None)
        for key, row, failure in zip(table["key"].to_pylist(), values, failures, strict=True)
    }
