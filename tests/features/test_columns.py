"""Own columns: one value per image, whatever container they come in."""

import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from sensitivity.bins import bin_values
from sensitivity.errors import InputError
from sensitivity.features.columns import feature_table, own_columns, units_of

NAMES = np.array(["a.png", "b.png", "c.png"], dtype=object)
NOTHING = pd.DataFrame(index=range(3))
DAYS = ["2024-01-01", "2024-01-02", "2024-01-04"]
FIRST = 1_704_067_200.0  # 2024-01-01 00:00 UTC
SECONDS = [FIRST, FIRST + 86_400, FIRST + 3 * 86_400]


def table_of(names: np.ndarray, measured: pd.DataFrame, columns) -> pd.DataFrame:
    own = own_columns(columns, len(names), taken=measured.columns)
    return feature_table(names, measured, own)


def joined(values: object, name: str = "x") -> pd.Series:
    return table_of(NAMES, NOTHING, {name: values})[name]


class Tensor:
    """What a tensor must have to be read, on a device and with a gradient."""

    def __init__(self, values: list[float]) -> None:
        self.values = values

    def detach(self) -> "Tensor":
        return self

    def cpu(self) -> "Tensor":
        return self

    def numpy(self) -> np.ndarray:
        return np.array(self.values)

    def __len__(self) -> int:
        raise AssertionError("read before it was detached")


# Laws


def test_names_measured_and_own_columns_side_by_side() -> None:
    measured = pd.DataFrame({"sharpness": np.float32([1, 2, np.nan])})
    table = table_of(NAMES, measured, {"hour": [7, 8, 9], "site": ["x", "y", "x"]})
    assert list(table.columns) == ["name", "sharpness", "hour", "site"]
    assert table["name"].tolist() == NAMES.tolist()
    assert table["sharpness"].dtype == np.float32
    assert table["hour"].tolist() == [7, 8, 9]
    assert table.index.equals(pd.RangeIndex(3))


def test_no_columns() -> None:
    for nothing in (None, {}, pd.DataFrame(index=range(3))):
        assert table_of(NAMES, NOTHING, nothing).columns.tolist() == ["name"]


@pytest.mark.parametrize(
    "values",
    [
        [1.5, 2.5, 4.0],
        (1.5, 2.5, 4.0),
        np.array([1.5, 2.5, 4.0]),
        np.array([1.5, 2.5, 4.0], dtype=object),
        np.array([1.5, 2.5, 4.0], dtype=np.longdouble),
        np.ma.array([1.5, 2.5, 4.0]),
        pd.Series([1.5, 2.5, 4.0], index=[9, 8, 7]),
        pd.Index([1.5, 2.5, 4.0]),
        pd.array([1.5, 2.5, 4.0], dtype="Float64"),
        pd.arrays.SparseArray([1.5, 2.5, 4.0]),
        [Decimal("1.5"), Decimal("2.5"), Decimal(4)],
        Tensor([1.5, 2.5, 4.0]),
    ],
    ids=lambda values: type(values).__name__,
)
def test_containers_of_numbers(values: object) -> None:
    found = joined(values)
    assert found.astype(float).tolist() == [1.5, 2.5, 4.0]
    assert bin_values(found).kind == "numeric"
    assert found.index.equals(pd.RangeIndex(3))


@pytest.mark.parametrize(
    "values",
    [
        [1, None, 2],
        [1, pd.NA, 2],
        [1.0, np.nan, 2],
        np.array([1, None, 2], dtype=object),
        pd.array([1, None, 2], dtype="Int64"),
        [Decimal(1), None, Decimal(2)],
    ],
    ids=range(6),
)
def test_gaps_between_numbers(values: object) -> None:
    found = bin_values(joined(values))
    assert found.kind == "numeric"
    assert found.codes.tolist() == [0, -1, 1]


@pytest.mark.parametrize(
    "values",
    [
        pd.to_datetime(DAYS),
        pd.Series(pd.to_datetime(DAYS)),
        np.array(DAYS, dtype="datetime64[D]"),
        np.array(DAYS, dtype="datetime64[ns]"),
        pd.to_datetime(DAYS).tz_localize("UTC"),
        [datetime.datetime.fromisoformat(day) for day in DAYS],
        [datetime.date.fromisoformat(day) for day in DAYS],
        [pd.Timestamp(day) for day in DAYS],
        pd.PeriodIndex(DAYS, freq="D"),
    ],
    ids=range(9),
)
def test_times_are_seconds_since_1970(values: object) -> None:
    assert joined(values).tolist() == SECONDS


def test_times_of_a_zone_are_the_same_moment() -> None:
    there = pd.to_datetime(DAYS).tz_localize("Asia/Shanghai")
    assert joined(there).tolist() == [second - 8 * 3600 for second in SECONDS]


def test_a_missing_time_is_missing() -> None:
    for values in (
        [datetime.datetime(2024, 1, 1), None, None],
        pd.to_datetime([DAYS[0], None, None]),
    ):
        assert joined(values).isna().tolist() == [False, True, True]
        assert joined(values)[0] == FIRST


def test_durations_are_seconds() -> None:
    hours = pd.to_timedelta([1, 2, 3], unit="h")
    assert joined(hours).tolist() == [3_600, 7_200, 10_800]
    assert joined([datetime.timedelta(minutes=1)] * 3).tolist() == [60] * 3


def test_units_tell_times_and_durations_from_numbers() -> None:
    day = pd.Timestamp("2024-03-01")
    columns = {
        "day": [day, pd.NaT],
        "date": [day.date(), None],
        "zoned": pd.Series([day, day]).dt.tz_localize("Asia/Shanghai"),
        "month": pd.PeriodIndex(["2024-03", "2024-04"], freq="M"),
        "took": pd.to_timedelta([1, 2], unit="min"),
        "hour": [7, 19],
        "text": ["2024-03-01", "b"],
    }
    assert units_of(own_columns(columns, 2)) == {
        "day": "seconds since 1970-01-01",
        "date": "seconds since 1970-01-01",
        "zoned": "seconds since 1970-01-01 UTC",
        "month": "seconds since 1970-01-01",
        "took": "s",
    }


def test_ordered_categories_keep_their_order() -> None:
    dose = pd.Categorical(["high", "low", "mid"], categories=["low", "mid", "high"], ordered=True)
    for values in (dose, pd.Series(dose, index=[5, 6, 7]), pd.DataFrame({"x": dose})["x"]):
        assert bin_values(joined(values)).labels == ("low", "mid", "high")
        assert joined(values).cat.ordered
    frame = table_of(NAMES, NOTHING, pd.DataFrame({"dose": dose}, index=[3, 4, 5]))
    assert frame["dose"].tolist() == ["high", "low", "mid"]


def test_intervals_are_categories_in_their_order() -> None:
    for ages in (
        pd.cut([15, 5, 9], [0, 8, 10, 20]),
        pd.arrays.IntervalArray.from_tuples([(10, 20), (0, 8), (8, 10)]),
    ):
        assert bin_values(joined(ages)).labels == ("(0, 8]", "(8, 10]", "(10, 20]")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, "a", None], ["1", "a", None]),
        ([b"day", b"night", None], ["day", "night", None]),
        (np.array([b"day", b"night", b"day"]), ["day", "night", "day"]),
        (["a", None, "b"], ["a", None, "b"]),
        (pd.array(["a", None, "b"], dtype="string"), ["a", None, "b"]),
        (pd.Categorical([1, "1", None]), ["1", "1", None]),
        ([True, None, False], [True, None, False]),
    ],
    ids=range(7),
)
def test_text(values: object, expected: list[object]) -> None:
    found = joined(values)
    assert [None if pd.isna(value) else value for value in found] == expected
    assert bin_values(found).kind == "categorical"


@pytest.mark.parametrize(
    "values",
    [
        [1, "a", None],
        pd.cut([1, 2, 3], 2),
        pd.Categorical([1, "a", 2]),
        pd.PeriodIndex(DAYS, freq="D"),
        pd.arrays.SparseArray([0.0, 0.0, 1.0]),
        np.array([1, 2, 3], dtype=np.longdouble),
        [2**70, 1, None],
        [True, None, False],
        [datetime.timedelta(1)] * 3,
        np.array([b"a", b"b", b"c"]),
    ],
    ids=range(10),
)
def test_every_column_can_be_stored(values: object, tmp_path) -> None:
    table = table_of(NAMES, NOTHING, {"x": values})
    table.to_parquet(tmp_path / "features.parquet")
    back = pd.read_parquet(tmp_path / "features.parquet")
    assert bin_values(back["x"]).codes.tolist() == bin_values(table["x"]).codes.tolist()


def test_the_callers_objects_are_left_alone() -> None:
    values = pd.Series(pd.to_datetime(DAYS), index=[9, 8, 7], name="when")
    kept, columns = values.copy(), {"x": values, 5: [1, 2, 3]}
    table_of(NAMES, NOTHING, columns)
    pd.testing.assert_series_equal(values, kept)
    assert list(columns) == ["x", 5]


def test_names_that_are_no_text_become_text() -> None:
    assert table_of(NAMES, NOTHING, {5: [1, 2, 3]}).columns.tolist() == ["name", "5"]


# Errors


@pytest.mark.parametrize(
    ("values", "got"),
    [
        ([1, 2], "2 for 3"),
        ([1] * 1_110, "1,110 for 3"),
        ("abc", "a str"),
        (b"abc", "a bytes"),
        (5, "a int"),
        (iter([1, 2, 3]), "a list_iterator"),
        ({"a": 1, "b": 2, "c": 3}, "a dict"),
        ({1, 2, 3}, "a set"),
        (np.zeros((3, 2)), "a table"),
        (pd.DataFrame({"p": [1, 2, 3]}), "a table"),
        ([[1, 2], [3, 4], [5, 6]], "a table"),
        ([[1], [1, 2], 3], "a table"),
    ],
    ids=range(12),
)
def test_no_value_per_image(values: object, got: str) -> None:
    with pytest.raises(InputError) as caught:
        joined(values)
    assert str(caught.value) == f"column x: expected one value per image, got {got}"


def test_complex_numbers_have_no_order() -> None:
    for values in ([1j, 2, 3], np.array([1j, 2, 3])):
        with pytest.raises(InputError, match=r"^column x: expected real numbers"):
            joined(values)


@pytest.mark.parametrize("taken", ["name", "sharpness"])
def test_names_that_are_taken(taken: str) -> None:
    measured = pd.DataFrame({"sharpness": [1.0, 2.0, 3.0]})
    with pytest.raises(InputError, match=f"^column {taken}: expected a name that no feature"):
        table_of(NAMES, measured, {taken: [1, 2, 3]})


@pytest.mark.parametrize(
    "columns",
    [
        pd.DataFrame([[1, 2], [3, 4], [5, 6]], columns=["x", "x"]),
        pd.DataFrame([[1, 2], [3, 4], [5, 6]], columns=[1, "1"]),
        {1: [1, 2, 3], "1": [4, 5, 6]},
    ],
    ids=range(3),
)
def test_a_name_given_twice(columns: object) -> None:
    with pytest.raises(InputError, match=r"^columns: expected each name once, got '.' twice"):
        table_of(NAMES, NOTHING, columns)


@pytest.mark.parametrize("columns", [[1, 2, 3], "x", np.zeros((3, 2)), pd.Series([1, 2, 3])])
def test_columns_without_names(columns: object) -> None:
    with pytest.raises(InputError, match=r"^columns: expected a DataFrame or a mapping"):
        table_of(NAMES, NOTHING, columns)
