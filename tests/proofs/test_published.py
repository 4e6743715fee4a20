"""The published table: F1 alone does not fix the finding, and each split says its own."""

from __future__ import annotations

import numpy as np
import pytest

import sensitivity
from sensitivity.stats.ranks import within_ranks
from sensitivity.stats.scores import responses, score
from sensitivity.synthetic import PUBLISHED_STD, published_table


def rows_of(split: str, seed: int = 0):
    table = published_table(split, rng=seed)
    analysis = sensitivity.analyse(
        table.pred_list, table.label_list, table.name_list, columns=table.columns, features=(),
        save_path=None,
    )  # fmt: skip
    return analysis.trends.set_index("class")


def z_of(split: str, seed: int) -> np.ndarray:
    table = published_table(split, rng=seed)
    order = np.argsort(table.label_list, kind="stable")
    given = responses(table.label_list[order], table.pred_list[order], 2)
    ranks = within_ranks(table.columns["sharpness"].to_numpy()[order], given.by)
    z = score(ranks, given).z
    return np.concatenate([z[0], z[2]])


@pytest.mark.parametrize("split", ["proportional", "fp", "fn"])
def test_every_split_shows_the_published_std(split: str) -> None:
    assert rows_of(split).loc[["0", "1"], "std"].round(4).tolist() == list(PUBLISHED_STD)


def test_the_proportional_split_is_a_criterion_shift() -> None:
    """Sharper images: class 0 is recognised more often, class 1 less; F1 at an equal mix stays."""
    z = np.mean([z_of("proportional", seed) for seed in range(20)], axis=0)
    np.testing.assert_allclose(z, [3.0, -2.6, -0.6, -1.4], atol=0.25)
    found = rows_of("proportional")
    assert found.loc[["0", "1"], "pattern"].tolist() == ["criterion shift"] * 2
    assert found.loc[["0", "1"], "strength"].tolist() == ["real"] * 2
    assert found.loc["0", "recall_change"] > 0.03
    assert found.loc["1", "recall_change"] < -0.1
    assert found.loc["0", "p_f1"] > 0.05
    assert found.loc["1", "p_f1"] > 0.05
    assert found.loc["all", "strength"] == "none"
    assert found.loc["all", "verdict"] == "class mix"


def test_errors_that_are_all_false_alarms_are_class_0s_recall() -> None:
    found = rows_of("fp")
    assert found.loc["0", ["driver", "direction"]].tolist() == ["recall", "rises"]
    assert found.loc["1", ["driver", "direction"]].tolist() == ["false positives", "rises"]
    assert found.loc["0", "recall_change"] > 0.15
    assert np.isnan(found.loc["1", "p_recall"])
    assert (found["strength"] == "real").all()
    assert (found["pattern"] == "").all()
    assert (found["p"] < 1e-10).all()


def test_errors_that_are_all_misses_are_class_1s_recall() -> None:
    found = rows_of("fn")
    assert found.loc["1", ["driver", "direction"]].tolist() == ["recall", "falls"]
    assert found.loc["0", ["driver", "direction"]].tolist() == ["false positives", "falls"]
    assert found.loc["1", "recall_change"] < -0.1
    assert np.isnan(found.loc["0", "p_recall"])
    assert (found["strength"] == "real").all()
    assert (found["pattern"] == "").all()
