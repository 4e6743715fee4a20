"""Several labels per image, from the three lists to the tables."""

import numpy as np
import pandas as pd
import pytest

import sensitivity
from sensitivity import tables

TASK = "multi_label_classification"
LABELS = ["cat", "dog", "car"]


def lists(n=2000, *, fall=2.0, seed=0, dose=None):
    """Logits of three labels; that of the first falls along a dose where it is there."""
    rng = np.random.default_rng(seed)
    dose = rng.random(n) if dose is None else dose
    truth = rng.random((n, 3)) < [0.3, 0.1, 0.5]
    logits = np.where(truth, 1.5, -2.5) + rng.normal(size=(n, 3))
    logits[:, 0] -= np.where(truth[:, 0], fall * dose, 0.0)
    return logits, truth.astype(int), [f"{i}.png" for i in range(n)], dose


def analysed(logits, truth, names, columns, **options):
    return sensitivity.analyse(
        logits,
        truth,
        names,
        TASK,
        label_map_dict=LABELS,
        columns=columns,
        features=(),
        save_path=None,
        **options,
    )


@pytest.fixture(scope="module")
def planted():
    logits, truth, names, dose = lists()
    rng = np.random.default_rng(1)
    columns = {"dose": dose, "other": rng.random(2000), "site": rng.choice(list("ab"), 2000)}
    return analysed(logits, truth, names, columns), logits, truth, columns


def row(table, **where):
    for column, value in where.items():
        table = table[table[column] == value]
    assert len(table) == 1
    return table.iloc[0]


def test_every_table_has_its_columns(planted):
    for schema in tables.TABLES:
        tables.check(getattr(planted[0], schema.name), schema)
    trends = planted[0].trends
    assert len(trends) == 3 * 4
    assert set(trends["class"]) == {"all", *LABELS}


def test_the_planted_label_is_found_and_no_other(planted):
    trends = planted[0].trends
    found = row(trends, feature="dose", **{"class": "cat"})
    assert (found["strength"], found["driver"], found["direction"]) == ("real", "recall", "falls")
    assert found["recall_change_high"] < -0.3
    assert row(trends, feature="dose", **{"class": "all"})["strength"] == "real"
    others = trends[~trends["class"].isin(["all", "cat"])]
    assert (others["strength"] == "none").all()


@pytest.mark.parametrize("label", range(3))
def test_a_label_is_the_binary_problem_of_having_it(planted, label):
    analysis, logits, truth, columns = planted
    alone = sensitivity.analyse(
        (logits[:, label] >= 0).astype(int),
        truth[:, label],
        [f"{i}.png" for i in range(2000)],
        columns=columns,
        features=(),
        save_path=None,
    )
    numbers = ["value", "low", "high", "n", "shrunk"]
    for feature in columns:
        mine = analysis.bins.query("feature == @feature and `class` == @LABELS[@label]")
        its = alone.bins.query("feature == @feature and `class` == '1'")
        assert np.allclose(mine[numbers], its[numbers], equal_nan=True)
        one = row(analysis.trends, feature=feature, **{"class": LABELS[label]})
        other = row(alone.trends, feature=feature, **{"class": "1"})
        # Simulated p have their own seeds; with scores there is a margin too.
        for name in ("std", "spread", "spread_low", "impact", "recall_change", "auc"):
            assert one[name] == pytest.approx(other[name], nan_ok=True), name
        for name in ("p_recall", "p_fpr", "p_f1", "p_shape"):
            assert one[name] == pytest.approx(other[name], abs=0.2, nan_ok=True), name


def test_the_whole_set_by_hand(planted):
    analysis, logits, truth, _ = planted
    called = logits >= 0
    whole = analysis.overall.set_index(["class", "metric"])["value"]
    assert whole["all", "accuracy"] == pytest.approx((called == truth).mean())
    assert whole["all", "exact_match"] == pytest.approx((called == truth).all(axis=1).mean())
    for label, name in enumerate(LABELS):
        has = truth[:, label] == 1
        assert whole[name, "recall"] == pytest.approx(called[has, label].mean())
    counts = analysis.confusion.set_index(["class", "predicted"])["n"]
    assert counts["cat", ""] == (~called[:, 0] & (truth[:, 0] == 1)).sum()
    assert counts["", "dog"] == (called[:, 1] & (truth[:, 1] == 0)).sum()


def test_accuracy_of_a_bin_is_the_share_of_pairs_that_are_right(planted):
    analysis, logits, truth, columns = planted
    right = ((logits >= 0) == truth).mean(axis=1)
    codes = pd.qcut(columns["dose"], 5, labels=False)
    for metric in ("accuracy", "accuracy_star"):
        bins = analysis.bins.query(f"feature == 'dose' and metric == '{metric}'")
        assert bins["value"].tolist() == pytest.approx([right[codes == k].mean() for k in range(5)])
        assert (bins["low"] < bins["value"]).all()
        assert (bins["value"] < bins["high"]).all()


def test_order_of_the_images_does_not_matter(planted):
    analysis, logits, truth, columns = planted
    order = np.random.default_rng(2).permutation(2000)
    names = [f"{i}.png" for i in order]
    moved = {name: np.asarray(values)[order] for name, values in columns.items()}
    again = analysed(logits[order], truth[order], names, moved)
    for name in ("bins", "trends", "overall", "confusion"):
        pd.testing.assert_frame_equal(getattr(analysis, name), getattr(again, name))


def test_copies_of_an_image_given_as_groups_are_no_new_evidence():
    logits, truth, names, dose = lists(400, fall=0.6, seed=3)
    once = analysed(logits, truth, names, {"dose": dose})
    twice = np.repeat(np.arange(400), 4)
    four = [f"{i}.png" for i in range(1600)]
    grouped, naive = (
        analysed(logits[twice], truth[twice], four, {"dose": dose[twice]}, groups=groups)
        for groups in (twice, np.arange(1600))
    )
    at = {"feature": "dose", "class": "cat"}
    p = [row(found.trends, **at)["p_recall"] for found in (once, grouped, naive)]
    # Between clusters the variance is estimated, not that of the null: not the same p.
    assert p[0] / 20 < p[1] < p[0] * 20
    assert p[2] < p[0] / 1000, "independent copies would be four times the evidence"
    assert grouped.settings["dependence"] == {
        "kind": "groups",
        "n_clusters": 400,
        "ratio": None,
        "p": None,
    }


def test_neighbours_that_err_alike_are_noticed():
    rng = np.random.default_rng(4)
    logits, truth, names, dose = lists(2400, fall=0.0, seed=4)
    broken = np.repeat(rng.random(40) < 0.3, 60)
    logits[broken] *= -1
    found = analysed(logits, truth, names, {"dose": dose})
    assert found.settings["dependence"]["kind"] == "blocks"
    assert not (found.trends["strength"] == "real").any()


def test_nothing_is_found_where_nothing_is():
    found = [
        (analysed(*lists(600, fall=0.0, seed=seed)[:3], {"dose": np.arange(600) * 7 % 600}).trends)
        for seed in range(20)
    ]
    assert sum((trends["q"] <= 0.05).any() for trends in found) <= 4
    tested = np.concatenate([trends["p"].dropna() for trends in found])
    assert 0.0 <= (tested <= 0.05).mean() <= 0.15


def test_decisions_alone_will_do():
    logits, truth, names, dose = lists(300)
    analysis = analysed((logits >= 0).astype(int), truth, names, {"dose": dose})
    assert len(analysis.roc) == 0
    assert analysis.trends["p_margin"].isna().all()


def test_a_label_that_no_image_has():
    logits, truth, names, dose = lists(300)
    truth[:, 1] = 0
    analysis = analysed(logits, truth, names, {"dose": dose})
    trends = row(analysis.trends, feature="dose", **{"class": "dog"})
    assert trends["n"] == 0
    assert np.isnan(trends["p_recall"])
    assert trends["verdict"] == tables.CHANCE


def test_a_prior_is_per_label(planted):
    _, logits, truth, columns = planted
    names = [f"{i}.png" for i in range(2000)]
    shifted = analysed(logits, truth, names, columns, prior={"dog": 0.5})
    for label, same in (("dog", False), ("cat", True)):
        stars = [
            analysis.bins.query(f"metric == 'f1_star' and `class` == '{label}'")["value"]
            for analysis in (planted[0], shifted)
        ]
        assert np.allclose(*stars) == same


def test_a_result_is_saved_and_read_back(planted, tmp_path):
    _, logits, truth, columns = planted
    names = [f"{i}.png" for i in range(2000)]
    saved = sensitivity.analyse(
        logits, truth, names, TASK, columns=columns, features=(), save_path=tmp_path
    )
    again = sensitivity.Analysis.load(tmp_path)
    pd.testing.assert_frame_equal(saved.trends, again.trends)
    assert again.settings["task"] == TASK
