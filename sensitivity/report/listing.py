"""Lists of images: those of a bin, of a class, those that were wrong."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..bins import MISSING, bin_values
from ..errors import InputError, ResultError, did_you_mean, listed
from ..labels import shown_label, stored_label
from ..result import Analysis


def sample_rows(
    analysis: Analysis,
    *,
    feature: str | None = None,
    bin_: str | int | None = None,
    class_: str | None = None,
    wrong: bool = False,
) -> pd.DataFrame:
    """The images of a bin, of a class, or those that were wrong, in the order of the input.

    Parameters
    ----------
    analysis : Analysis
        A result with its per-image tables.
    feature : str, optional
        The feature that `bin_` is of; its values are listed too.
    bin_ : str or int, optional
        A bin's label (``"0%-20%"``, ``"0–20%"``), its number from 0, or ``"missing"``.
    class_ : str, optional
        True class.
    wrong : bool, default False
        Only images whose predicted class is not the true one.

    Returns
    -------
    pandas.DataFrame
        ``name``, ``class``, ``predicted``, ``kind``, ``score``, ``score_true``, ``group``, and
        with a feature its values and ``bin``, the label. Empty when nothing matches.

    Raises
    ------
    InputError
        No such feature, bin or class; or a bin without a feature.
    ResultError
        The result has no per-image tables.

    Examples
    --------
    >>> import sensitivity
    >>> analysis = sensitivity.analyse(
    ...     [0, 1] * 20, [0, 0] + [0, 1] * 19, [f"{i}.png" for i in range(40)],
    ...     columns={"hour": range(40)}, features=(), save_path=None)
    >>> rows = sample_rows(analysis, feature="hour", bin_=0, wrong=True)
    >>> rows[["name", "kind", "hour", "bin"]].to_dict("records")
    [{'name': '1.png', 'kind': '0 > 1', 'hour': 1, 'bin': '0%-50%'}]
    """
    if len(analysis.features) != analysis.settings["n"]:
        raise ResultError("table features", "expected Parquet tables beside the JSON file")
    if bin_ is not None and feature is None:
        raise InputError("bin", "expected a feature that it is a bin of")
    rows = analysis.outcomes.drop(columns="right")
    kept = pd.Series(True, index=rows.index)
    if feature is not None:
        labels = _labels(analysis, feature)  # says what is wrong with the name
        place = _places(analysis)
        rows[feature] = analysis.features[feature].to_numpy()[place]
        rows["bin"] = labels.to_numpy()[place]
    if bin_ is not None:
        kept &= rows["bin"] == _label(analysis, str(feature), bin_)
    if class_ is not None:
        if class_ not in analysis.settings["classes"]:
            known = analysis.settings["classes"]
            near = did_you_mean(class_, known)
            raise InputError("class", f"expected one of {listed(known)}", got=class_, where=near)
        # Of several labels: those that the image has, and those that it was given.
        kept &= (rows["class"].astype("str") == class_) | (
            (rows["class"].astype("str") == "") & (rows["predicted"].astype("str") == class_)
        )
    if wrong:
        kept &= ~analysis.outcomes["right"]
    return rows[kept]


def _places(analysis: Analysis) -> npt.NDArray[np.int64]:
    """Row of the feature table of every row of the outcomes."""
    names, features = analysis.outcomes["name"], analysis.features["name"]
    if len(names) == len(features) and (names.to_numpy() == features.to_numpy()).all():
        return np.arange(len(names))
    if features.duplicated().any():
        raise InputError("names", "expected each name once to list the labels of a bin's images")
    return np.asarray(pd.Index(features).get_indexer(names), dtype=np.int64)


def _bin_names(analysis: Analysis, feature: str) -> dict[int, str]:
    """Labels of a feature's bins by number, the missing one last."""
    analysis.table(feature)
    rows = analysis.bins[analysis.bins["feature"] == feature].drop_duplicates("bin")
    names = {int(code): str(label) for code, label in zip(rows["bin"], rows["label"], strict=True)}
    return dict(sorted(names.items(), key=lambda item: (item[0] == MISSING, item[0])))


def _labels(analysis: Analysis, feature: str) -> pd.Series:
    names = _bin_names(analysis, feature)
    entry = next(e for e in analysis.settings["features"] if e["name"] == feature)
    cut = bin_values(analysis.features[feature], edges=entry["edges"] or entry["categories"])
    return pd.Series(cut.codes).map(names)


def _label(analysis: Analysis, feature: str, wanted: str | int) -> str:
    names = _bin_names(analysis, feature)
    found = stored_label(str(wanted), names.values())
    if found is not None:
        return found
    try:
        return {code: label for code, label in names.items() if code != MISSING}[int(wanted)]
    except (KeyError, ValueError):
        known = ", ".join(map(shown_label, names.values()))
        raise InputError(f"bin of {feature}", f"expected one of {known}", got=str(wanted)) from None
