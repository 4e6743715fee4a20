"""Any list-like object → NumPy, by duck typing alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sensitivity.errors import InputError
from sensitivity.inputs.arrays import as_array, as_names

ROWS = [[0.5, 0.25], [0.125, 4.0], [-1.0, 2.0]]


class Tensor:
    """What tensors have, and nothing else: a gradient, a device, a dtype NumPy lacks."""

    def __init__(self, data, on="cuda", *, bfloat16=False, grad=True):
        self.data, self.on, self.bfloat16, self.grad = np.asarray(data), on, bfloat16, grad

    @property
    def ndim(self):
        return self.data.ndim

    def detach(self):
        return Tensor(self.data, self.on, bfloat16=self.bfloat16, grad=False)

    def cpu(self):
        return Tensor(self.data, "cpu", bfloat16=self.bfloat16, grad=self.grad)

    def float(self):
        return Tensor(self.data.astype(np.float32), self.on, grad=self.grad)

    def numpy(self):
        if self.grad or self.on != "cpu":
            raise RuntimeError("detach and move to the CPU first")
        if self.bfloat16:
            raise TypeError("Got unsupported ScalarType BFloat16")
        return self.data

    def __array__(self, *args, **kwargs):
        raise RuntimeError("only by detach and cpu")


class Exported:
    """What JAX, TensorFlow and CuPy on the host have: ``__array__`` only."""

    def __init__(self, data):
        self.data = np.asarray(data)

    @property
    def ndim(self):
        return self.data.ndim

    def __array__(self, dtype=None, copy=None):
        return self.data


@pytest.mark.parametrize(
    "given",
    [
        ROWS,
        tuple(map(tuple, ROWS)),
        np.array(ROWS),
        np.array(ROWS, dtype=object),
        pd.DataFrame(ROWS),
        pd.Series(ROWS),
        pd.Series([np.array(row) for row in ROWS]),
        Tensor(ROWS),
        Tensor(ROWS, bfloat16=True),
        Exported(ROWS),
        [np.array(row) for row in ROWS],
        [Tensor(row) for row in ROWS],
        [Exported(row) for row in ROWS],
        [Tensor([row]) for row in ROWS],
        [Tensor(ROWS[:2]), Tensor(ROWS[2:])],
        [[Tensor(value) for value in row] for row in ROWS],
        (row for row in ROWS),
        [[np.float32(value) for value in row] for row in ROWS],
    ],
    ids=lambda given: type(given).__name__,
)
def test_all_forms_of_scores_agree(given):
    assert as_array(given, "scores", 3).tolist() == ROWS


@pytest.mark.parametrize(
    "given",
    [
        [0, 1, 1],
        range(3),
        pd.Series([0, 1, 1]),
        pd.Series([0, 1, 1], dtype="Int64"),
        Tensor([0, 1, 1]),
        [Tensor(0), Tensor(1), Tensor(1)],
        [np.int64(0), np.int64(1), np.int64(1)],
        [Tensor([0, 1]), Tensor([1])],
        [[0, 1], [1]],
        {0: 0, 1: 1, 2: 1}.values(),
    ],
    ids=lambda given: type(given).__name__,
)
def test_all_forms_of_classes_agree(given):
    expected = [0, 1, 2] if isinstance(given, range) else [0, 1, 1]
    read = as_array(given, "labels", 3)
    assert read.tolist() == expected
    assert read.dtype.kind == "i"


def test_an_array_is_not_copied():
    array, frame = np.zeros((3, 2)), pd.DataFrame(np.zeros((3, 2)))
    assert np.shares_memory(as_array(array, "scores"), array)
    assert np.shares_memory(as_array(frame, "scores"), frame.to_numpy())
    assert np.shares_memory(as_array(Tensor(array), "scores"), array)


def test_torch_tensors_of_all_kinds():
    torch = pytest.importorskip("torch")
    scores = torch.tensor(ROWS, requires_grad=True)
    for given in (scores, scores.bfloat16(), scores.half(), scores * 1, list(scores), [scores]):
        assert as_array(given, "scores", 3).tolist() == ROWS
    assert as_array(torch.tensor([0, 2]), "labels").dtype == np.int64
    assert as_array(scores.bfloat16(), "scores").dtype == np.float32
    assert scores.requires_grad


def test_as_many_items_as_samples_are_rows_not_batches():
    with pytest.raises(InputError, match=r"expected 2 values in each row.*got 0 \(row 1\)"):
        as_array([np.array([0, 1]), np.array([], dtype=int)], "labels", 2)


def test_empty_lists_have_no_rows():
    assert as_array([], "scores").shape == (0,)
    assert as_array(pd.Series([], dtype=object), "scores").shape == (0,)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (None, "labels: expected a list or an array, got None"),
        ("abc", "labels: expected a list or an array, got the text 'abc'"),
        ({0: 1}, "labels: expected a list or an array, got dict"),
        (7, "labels: expected a list or an array, got int"),
        ([0, None, 1], "labels: expected numbers, got None (row 1)"),
        ([0, "cat"], "labels: expected numbers, got 'cat' (row 1)"),
        (["cat", 0], "labels: expected class names only, got 0 (row 1)"),
        (["cat", None], "labels: expected class names only, got None (row 1)"),
        ([[0.1, 0.2], [0.1, None]], "labels: expected rows of numbers, got [0.1, None] (row 1)"),
        ([[0.1, 0.2], 0.3], "labels: expected rows of numbers, got 0.3 (row 1)"),
        (np.array([1j]), "labels: expected numbers or class names, got dtype complex128"),
        (
            np.ma.masked_array([0, 1], mask=[False, True]),
            "labels: expected no masked values, got a masked array",
        ),
        (
            [[0.1, 0.9], [0.2, 0.8], [0.3, 0.3, 0.4]],
            "labels: expected 2 values in each row, as in the first, got 3 (row 2)",
        ),
        (
            [np.zeros(2), np.zeros(3)],
            "labels: expected 2 values in each row, as in the first, got 3 (row 1)",
        ),
        (
            [np.zeros((4, 2)), np.zeros((1, 3))],
            "labels: expected 2 values in each row, as in the first, got 3 (batch 1)",
        ),
        (
            [np.zeros((1, 2)), np.zeros(2)],
            "labels: expected items of one shape, the first has 1×2, got 2 (item 1)",
        ),
    ],
)
def test_what_cannot_be_read_says_why(given, message):
    with pytest.raises(InputError) as raised:
        as_array(given, "labels")
    assert str(raised.value) == message


@pytest.mark.parametrize(
    "given",
    [
        ["a", "1"],
        ("a", b"1"),
        np.array(["a", "1"]),
        np.array(["a", 1], dtype=object),
        pd.Series(["a", "1"]),
        [Path("a"), np.int64(1)],
        [np.str_("a"), Tensor(1)],
        iter(["a", "1"]),
    ],
    ids=lambda given: type(given).__name__,
)
def test_all_forms_of_names_agree(given):
    names = as_names(given)
    assert names.tolist() == ["a", "1"]
    assert {type(name) for name in names} == {str}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("a.jpg", "names: expected a list of one name per sample, got the text 'a.jpg'"),
        (None, "names: expected a list of one name per sample, got None"),
        (3, "names: expected a list of one name per sample, got int"),
        ([], "names: expected at least one sample, got an empty list"),
        (["a", ("b", 0)], "names: expected a path or a name, got tuple (row 1)"),
        (["a", 0.5], "names: expected a path or a name, got float (row 1)"),
        (["a", None], "names: expected a path or a name, got NoneType (row 1)"),
        (["a", True], "names: expected a path or a name, got bool (row 1)"),
    ],
)
def test_what_is_no_name_says_why(given, message):
    with pytest.raises(InputError) as raised:
        as_names(given)
    assert str(raised.value) == message
