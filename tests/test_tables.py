"""The schemas, and the check that a table has one."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from sensitivity import tables
from sensitivity.errors import SensitivityError

VALUES = {"text": "a", "integer": 3, "number": 0.5, "boolean": True}


def row_of(schema: tables.Schema) -> pd.DataFrame:
    return pd.DataFrame([{column.name: VALUES[column.kind] for column in schema.columns}])


ALL = (*tables.TABLES, *tables.COMPARED)


@pytest.fixture(params=ALL, ids=lambda schema: schema.name)
def schema(request: pytest.FixtureRequest) -> tables.Schema:
    return request.param


def test_the_table_itself_comes_back(schema: tables.Schema) -> None:
    table = row_of(schema)
    assert tables.check(table, schema) is table


def test_an_empty_table_needs_its_columns_only(schema: tables.Schema) -> None:
    table = pd.DataFrame(columns=list(schema.names))
    assert tables.check(table, schema) is table
    with pytest.raises(SensitivityError, match=f"^table {schema.name}: expected the columns"):
        tables.check(table.drop(columns=schema.names[0]), schema)


def test_order_matters() -> None:
    schema = tables.TRENDS
    with pytest.raises(SensitivityError, match="expected the columns"):
        tables.check(row_of(schema).iloc[:, ::-1], schema)


def test_only_the_feature_table_may_have_more(schema: tables.Schema) -> None:
    table = row_of(schema).assign(another=1.0)
    if schema.open:
        assert tables.check(table, schema) is table
    else:
        with pytest.raises(SensitivityError, match="another"):
            tables.check(table, schema)


def test_every_column_has_its_kind(schema: tables.Schema) -> None:
    for column in schema.columns:
        for kind, value in VALUES.items():
            table = row_of(schema).assign(**{column.name: value})
            if kind == column.kind:
                tables.check(table, schema)
                continue
            expected = f"expected {column.kind} in column {column.name}, got "
            with pytest.raises(SensitivityError, match=expected):
                tables.check(table, schema)


@pytest.mark.parametrize(
    "text",
    [
        pd.Series(["a", None], dtype=object),
        pd.Series(["a", "b"], dtype="str"),
        pd.Series(["a", None], dtype="string"),
        pd.Series(["a", "b"], dtype="category"),
    ],
    ids=lambda text: str(text.dtype),
)
def test_text_is_text_however_it_is_stored(text: pd.Series) -> None:
    tables.check(pd.DataFrame({"name": text}), tables.FEATURES)


def test_float32_and_int32_count() -> None:
    table = row_of(tables.OVERALL)
    table = table.astype({"n": np.int32, "value": np.float32})
    tables.check(table, tables.OVERALL)


def test_names_are_unique_and_every_column_has_a_meaning() -> None:
    names = [schema.name for schema in ALL]
    assert len(set(names)) == len(names)
    assert set(tables.PER_IMAGE) < set(names)
    for schema in ALL:
        assert schema.row
        assert len(set(schema.names)) == len(schema.names)
        for column in schema.columns:
            assert column.kind in VALUES
            assert len(column.meaning) > 3
            assert "\n" not in column.meaning


def test_schemas_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        tables.BINS.name = "x"
