"""Numbers as whole numbers of the same order, whose digits can be counted."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..errors import InputError

Keys = npt.NDArray[np.unsignedinteger]

#: Types of numbers, and those of their keys.
KEY_TYPES: dict[np.dtype[np.generic], type[np.unsignedinteger]] = {
    np.dtype(np.float32): np.uint32,
    np.dtype(np.float64): np.uint64,
}


def ordered_keys(values: npt.NDArray[np.floating]) -> Keys:
    """Whole numbers that are ordered as the numbers are.

    Parameters
    ----------
    values : ndarray of float32 or float64, shape (N,)
        Numbers; NaN is left out, infinities lie at the ends, -0 is 0.

    Returns
    -------
    ndarray of uint32 or uint64, shape (n,)
        As many bits as the numbers have; equal for equal numbers, greater for greater ones.

    Raises
    ------
    InputError
        Numbers of another type.

    Examples
    --------
    >>> keys = ordered_keys(np.array([-np.inf, -1.0, -0.0, 0.0, 1e-45, np.nan], np.float32))
    >>> (np.diff(keys.astype(np.int64)) > 0).tolist()
    [True, True, False, True]
    """
    if values.dtype not in KEY_TYPES:
        raise InputError("numbers", "expected float32 or float64", got=str(values.dtype))
    kind = KEY_TYPES[values.dtype]
    # Adding 0 turns -0 into 0, which is the same number with other bits.
    bits = (values[~np.isnan(values)] + values.dtype.type(0)).view(kind)
    sign = kind(1 << (8 * values.itemsize - 1))
    return np.asarray(np.where(bits & sign, ~bits, bits | sign))


def key_values(keys: Keys) -> npt.NDArray[np.floating]:
    """The numbers that keys were made from.

    Parameters
    ----------
    keys : ndarray of uint32 or uint64, shape (n,)
        From :func:`ordered_keys`.

    Returns
    -------
    ndarray of float32 or float64, shape (n,)
        To the last bit; -0 has become 0.

    Examples
    --------
    >>> key_values(ordered_keys(np.array([0.1, -np.inf, -0.0])))
    array([ 0.1, -inf,  0. ])
    """
    sign = keys.dtype.type(1 << (8 * keys.itemsize - 1))
    bits = np.where(keys & sign, keys ^ sign, ~keys)
    return bits.view(np.float32 if keys.itemsize == 4 else np.float64)
