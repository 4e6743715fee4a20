"""Keys: ordered as the numbers are, equal where they are, and back to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sensitivity.errors import InputError
from sensitivity.stats.keys import key_values, ordered_keys


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_keys_are_ordered_as_the_numbers_are(dtype: type):
    info = np.finfo(dtype)
    least, next_to_one = info.smallest_subnormal, np.nextafter(dtype(1), dtype(2))
    below = [-np.inf, info.min, -1, -info.tiny, -least]
    above = [least, info.tiny, 1, next_to_one, info.max, np.inf]
    numbers = np.array([*below, 0, *above], dtype=dtype)
    keys = ordered_keys(numbers)
    assert keys.dtype.itemsize == numbers.itemsize
    assert (keys[1:] > keys[:-1]).all()
    np.testing.assert_array_equal(key_values(keys), numbers)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_zeros_are_alike_and_nan_is_left_out(dtype: type):
    keys = ordered_keys(np.array([0.0, np.nan, -0.0, -np.nan], dtype=dtype))
    assert len(keys) == 2
    assert keys[0] == keys[1]
    assert not np.signbit(key_values(keys)).any()


@given(arrays.arrays(np.float32, st.integers(0, 60), elements=st.floats(width=32)))
def test_keys_sort_any_numbers_and_come_back(numbers: np.ndarray):
    present = numbers[~np.isnan(numbers)]
    keys = ordered_keys(numbers)
    np.testing.assert_array_equal(key_values(keys), present)
    np.testing.assert_array_equal(key_values(np.sort(keys)), np.sort(present))


@pytest.mark.parametrize("dtype", [np.int64, np.float16, np.uint32])
def test_other_types_are_refused(dtype: type):
    with pytest.raises(InputError, match="expected float32 or float64, got"):
        ordered_keys(np.zeros(1, dtype=dtype))
