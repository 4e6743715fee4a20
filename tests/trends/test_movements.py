"""What moves in a row, and which rows of two classes are one finding."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sensitivity import analyse
from sensitivity.synthetic import Trend, plant
from sensitivity.trends import mirrored, moving, own_rows


def row(name: str = "a", **given: Any) -> dict[str, Any]:
    values = {"feature": "blur", "class": name, "n": 50, "driver": "recall", "strength": "real"}
    return {**values, "pattern": "", "p_recall": 0.4, "p_fpr": 0.4, **given}


def pair(**given: Any) -> list[dict[str, Any]]:
    """Misses of a are false calls of b."""
    return [
        row("all", n=100, p_fpr=np.nan, p_recall=0.01),
        row("a", p_recall=1e-5, p_fpr=0.4),
        row("b", **{"driver": "false positives", "p_fpr": 1e-5, **given}),
    ]


@pytest.mark.parametrize(
    ("driver", "p_recall", "p_fpr", "moves"),
    [
        ("recall", 0.01, 0.02, ("recall",)),
        ("false positives", 0.4, 0.01, ("false calls",)),
        ("false positives", 0.02, 0.01, ("false calls", "recall")),
        ("false positives", 0.4, 0.07, ("false calls",)),
        ("false positives", np.nan, 0.07, ("false calls",)),
        ("f1", 0.01, 0.4, ("recall",)),
        ("f1", 0.4, 0.01, ("false calls",)),
        ("f1", 0.07, 0.06, ("false calls", "recall")),
        ("f1", 0.07, np.nan, ("recall",)),
        ("shape", 0.01, 0.01, ()),
        ("", np.nan, np.nan, ()),
    ],
)
def test_what_moves(driver: str, p_recall: float, p_fpr: float, moves: tuple[str, ...]) -> None:
    assert moving(row(driver=driver, p_recall=p_recall, p_fpr=p_fpr)) == moves


def test_misses_of_one_are_the_false_calls_of_the_other() -> None:
    for rows in itertools.permutations(pair()):
        assert mirrored(pd.DataFrame(rows)) == {("blur", "b"): "a"}
    assert own_rows(pd.DataFrame(pair()))["class"].to_list() == ["all", "a"]


@pytest.mark.parametrize(
    "rows",
    [
        pair(p_recall=0.01),  # its own recall moves too
        pair(driver="shape"),
        pair(strength="none"),
        pair(n=30),  # several labels an image
        [*pair(), row("c", strength="none")],
        pair()[1:],
        pair()[:1],
    ],
)
def test_two_findings_stay_two(rows: list[dict[str, Any]]) -> None:
    table = pd.DataFrame(rows)
    assert mirrored(table) == {}
    assert own_rows(table).equals(table)


def test_of_a_criterion_shift_the_class_whose_recall_is_surer_tells() -> None:
    rows = pair(p_recall=0.01, pattern="criterion shift")
    rows[1] |= {"pattern": "criterion shift", "p_fpr": 0.01}
    assert mirrored(pd.DataFrame(rows)) == {("blur", "b"): "a"}


def test_the_surer_row_tells() -> None:
    rows = pair()
    rows[1]["strength"] = "candidate"
    assert mirrored(pd.DataFrame(rows)) == {("blur", "a"): "b"}
    rows[2]["strength"] = "candidate"
    assert mirrored(pd.DataFrame(rows)) == {("blur", "b"): "a"}


def analysed(**dials: Any) -> Any:
    made = plant(2000, feature="blur", **dials)
    return analyse(
        made.pred_list, made.label_list, made.name_list,
        columns=made.columns, features=(), save_path=None,
    )  # fmt: skip


def test_a_planted_weakness_of_one_of_two_classes_is_one_finding() -> None:
    found = analysed(recall=(0.9, Trend(0.95, 0.55)))
    assert (found.trends["strength"] == "real").all()
    assert mirrored(found.trends) == {("blur", "0"): "1"}


def test_a_planted_loss_of_both_classes_is_two() -> None:
    found = analysed(recall=Trend(0.95, 0.6))
    assert (found.trends["strength"] == "real").all()
    assert mirrored(found.trends) == {}


def test_of_three_classes_none_is_mirrored() -> None:
    found = analysed(n_classes=3, recall=(0.9, 0.9, Trend(0.95, 0.5)))
    assert (found.trends["strength"] == "real").sum() > 1
    assert mirrored(found.trends) == {}


def test_where_nothing_is_nothing_is_mirrored() -> None:
    assert mirrored(analysed().trends) == {}
