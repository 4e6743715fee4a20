"""Cells: the tables of bins, trends and the whole set, end to end from samples and bins."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.special import softmax
from sklearn import metrics as reference
from statsmodels.stats.proportion import proportion_confint

from sensitivity import tables
from sensitivity.bins import Binning, bin_features, bin_values
from sensitivity.cells import LOW_SUPPORT
from sensitivity.errors import InputError
from sensitivity.inputs.samples import Samples
from sensitivity.judgement import classification_tables
from sensitivity.metrics.shares import class_shares
from sensitivity.outcomes import outcome_table
from sensitivity.totals import MAX_ROC_CLASSES

CLASSES = ("normal", "crack", "dust", "never")
KEYS = ["feature", "bin", "class", "metric"]


def samples_of(
    y: np.ndarray,
    predicted: np.ndarray,
    *,
    scores: np.ndarray | None = None,
    score_kind: str = "labels",
    classes: tuple[str, ...] = CLASSES,
    names: np.ndarray | None = None,
) -> Samples:
    if names is None:
        names = np.array([f"{i}.png" for i in range(len(y))], dtype=object)
    return Samples(
        task="image_classification",
        names=names,
        y=np.asarray(y, dtype=np.int64),
        predicted=np.asarray(predicted, dtype=np.int64),
        scores=scores,
        score_kind=score_kind,
        classes=classes,
        notes=(),
    )


def scored(n: int = 700, *, ties: bool = False, kind: str = "logits") -> Samples:
    """Four classes of which one has no sample, the third rare, scores right in most rows."""
    rng = np.random.default_rng(0)
    y = rng.choice(4, n, p=[0.6, 0.3, 0.1, 0])
    scores = rng.normal(size=(n, 4)) + 1.5 * np.eye(4)[y]
    scores[:, 3] -= 1
    scores = np.round(scores) if ties else scores
    if kind == "probabilities":
        scores = softmax(scores, axis=1)
    return samples_of(y, scores.argmax(axis=1), scores=scores, score_kind=kind)


def features(n: int = 700) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    blur = rng.normal(size=n)
    blur[rng.random(n) < 0.1] = np.nan
    site = pd.Series(rng.choice(["north", "south", "missing"], n))
    dose = rng.integers(0, 3, n)
    return pd.DataFrame({"name": "x", "blur": blur, "site": site, "dose": dose})


def tables_of(
    samples: Samples, binnings, *, table=None, prior=None, **options
) -> dict[str, pd.DataFrame]:
    shares = class_shares(prior, samples.classes, samples.support)
    outcomes = outcome_table(samples)
    if table is None:
        table = pd.DataFrame({"name": samples.names})
    return classification_tables(samples, table, outcomes, binnings, shares, **options)[0]


def found_in(samples: Samples, table: pd.DataFrame | None = None, **options):
    table = features(len(samples.y)) if table is None else table
    binnings, _ = bin_features(table)
    options.setdefault("rng", np.random.default_rng(0))
    return tables_of(samples, binnings, table=table, **options)


def taken(samples: Samples, rows: np.ndarray) -> Samples:
    scores = None if samples.scores is None else samples.scores[rows]
    return samples_of(
        samples.y[rows],
        samples.predicted[rows],
        scores=scores,
        score_kind=samples.score_kind,
        classes=samples.classes,
        names=samples.names[rows],
    )


def cell(frame: pd.DataFrame, **where: object) -> pd.Series:
    for column, value in where.items():
        frame = frame[frame[column] == value]
    assert len(frame) == 1
    return frame.iloc[0]


SAMPLES = scored()
FOUND = found_in(SAMPLES)
BINS, TRENDS, OVERALL = FOUND["bins"], FOUND["trends"], FOUND["overall"]


# Laws


@pytest.mark.parametrize("name", FOUND)
def test_tables_have_their_columns(name: str) -> None:
    schema = {schema.name: schema for schema in tables.TABLES}[name]
    tables.check(FOUND[name], schema)
    assert FOUND[name].index.equals(pd.RangeIndex(len(FOUND[name])))


def test_one_row_per_feature_bin_class_and_metric() -> None:
    n_bins = {"blur": 6, "site": 3, "dose": 3}
    assert not BINS.duplicated(KEYS).any()
    assert BINS.groupby("feature", sort=False).size().to_dict() == {
        feature: k * (3 + 4 * len(CLASSES)) for feature, k in n_bins.items()
    }
    assert not TRENDS.duplicated(["feature", "class"]).any()
    assert len(TRENDS) == 3 * (1 + len(CLASSES))
    assert sorted(TRENDS["class"]) == sorted(["all", *CLASSES] * 3)


def test_order_of_the_samples_does_not_matter() -> None:
    order = np.random.default_rng(2).permutation(700)
    shuffled = found_in(taken(SAMPLES, order), features().iloc[order].reset_index(drop=True))
    for name in set(FOUND) - {"slices"}:  # those draw halves at random
        pd.testing.assert_frame_equal(FOUND[name], shuffled[name])


def test_repeating_every_sample_keeps_the_values_and_narrows_the_intervals() -> None:
    rows = np.tile(np.arange(700), 3)
    samples = taken(SAMPLES, rows)
    # Far apart by name: copies that are neighbours would be noticed, see below.
    samples.names[:] = [f"{i // 700} {name}" for i, name in enumerate(samples.names)]
    often = found_in(samples, features().iloc[rows].reset_index(drop=True))
    for name in ("bins", "overall"):
        before, after = FOUND[name], often[name]
        assert np.array_equal(after["n"], 3 * before["n"])
        assert np.allclose(before["value"], after["value"], rtol=1e-12, equal_nan=True)
        width, narrowed = (frame["high"] - frame["low"] for frame in (before, after))
        known = before["value"].notna() & width.notna() & (width > 0)
        assert known.sum() > len(before) / 2
        assert (narrowed[known] < width[known]).all()
    keys = ["feature", "class"]
    std, again = (frame.set_index(keys)["std"] for frame in (TRENDS, often["trends"]))
    assert np.allclose(std, again.loc[std.index], rtol=1e-9, equal_nan=True)
    chance, less = (frame.set_index(keys)["std_chance"] for frame in (TRENDS, often["trends"]))
    known = chance.index[chance.notna()]
    assert (less[known] < chance[known]).all()


def test_copies_that_are_neighbours_are_no_new_evidence() -> None:
    rows = np.repeat(np.arange(700), 3)
    often = found_in(taken(SAMPLES, rows), features().iloc[rows].reset_index(drop=True))
    width, again = (
        cell(frame, metric="accuracy", **{"class": "all"}) for frame in (OVERALL, often["overall"])
    )
    assert again["high"] - again["low"] > 0.9 * (width["high"] - width["low"])
    assert not (often["trends"]["strength"] == "real").any()


def test_relabelling_the_classes_moves_their_rows() -> None:
    order = np.array([2, 0, 3, 1])  # the new class k is the old class order[k]
    new = np.argsort(order)
    renamed = samples_of(
        new[SAMPLES.y],
        new[SAMPLES.predicted],
        scores=SAMPLES.scores[:, order],
        score_kind="logits",
        classes=tuple(CLASSES[k] for k in order),
    )
    moved = found_in(renamed)
    for name, keys in (
        ("bins", KEYS),
        ("trends", ["feature", "class"]),
        ("overall", ["class", "metric"]),
    ):
        before, after = (frame[name].set_index(keys) for frame in (FOUND, moved))
        numbers = before.select_dtypes("number").columns
        if name == "overall":  # the bootstrap draws in the order of the classes
            numbers = ["n", "value"]
        if name == "trends":  # and so do the simulations where events are few
            simulated = ["p", *(n for n in numbers if n.startswith("p_"))]
            assert np.allclose(
                before[simulated], after.loc[before.index, simulated], atol=0.2, equal_nan=True
            )
            numbers = numbers.drop([*simulated, "q", "q_margin", "detectable_change"])
        assert np.allclose(before[numbers], after.loc[before.index, numbers], equal_nan=True)


def test_counts_add_up_over_the_bins() -> None:
    support = np.bincount(SAMPLES.y, minlength=4)
    for _, frame in BINS.groupby("feature"):
        for metric in ("recall", "precision", "f1", "f1_star"):
            n = frame[frame["metric"] == metric].groupby("class", sort=False)["n"].sum()
            assert n.to_dict() == dict(zip(CLASSES, support, strict=True))
        whole = frame[frame["metric"] == "accuracy"]
        assert whole["n"].sum() == 700
        assert whole["share"].sum() == pytest.approx(1)
        assert np.allclose(whole["n"], whole["share"] * 700)


def test_intervals_hold_their_values() -> None:
    for frame in (BINS, OVERALL):
        known = frame[frame["value"].notna() & frame["low"].notna()]
        assert len(known) > 10
        assert (known["low"] <= known["value"] + 1e-12).all()
        assert (known["value"] <= known["high"] + 1e-12).all()
        bounds = known[known["metric"] != "confidence_gap"][["low", "high"]]
        assert bounds.stack().between(0, 1).all()


def test_undefined_values_have_no_interval() -> None:
    unknown = BINS[BINS["value"].isna()]
    assert len(unknown) > 0
    assert unknown[["low", "high"]].isna().all(axis=None)


def test_low_support_is_fewer_than_ten_of_the_class() -> None:
    assert LOW_SUPPORT == 10
    assert (BINS["low_support"] == (BINS["n"] < 10)).all()
    assert BINS["low_support"].any()
    assert not BINS["low_support"].all()


def test_the_input_is_left_as_it_was() -> None:
    samples = scored()
    for array in (samples.y, samples.predicted, samples.scores):
        array.flags.writeable = False
    found_in(samples)


# Bins: independent references


def assignment(feature: str) -> pd.Series:
    table = features()
    if feature == "blur":
        edges = np.nanquantile(table["blur"], [0.2, 0.4, 0.6, 0.8], method="inverted_cdf")
        codes = np.searchsorted(edges, table["blur"])
        return pd.Series(np.where(table["blur"].isna(), -1, codes))
    values = sorted(table[feature].unique())
    return table[feature].map(values.index)


@pytest.mark.parametrize("feature", ["blur", "site", "dose"])
def test_cells_are_scikit_learns(feature: str) -> None:
    codes = assignment(feature)
    for code in codes.unique():
        rows = (codes == code).to_numpy()
        y, predicted = SAMPLES.y[rows], SAMPLES.predicted[rows]
        precision, recall, f1, n = reference.precision_recall_fscore_support(
            y, predicted, labels=range(4), zero_division=np.nan
        )
        values = {"precision": precision, "recall": recall, "f1": f1}
        for c, name in enumerate(CLASSES):
            for metric, value in values.items():
                row = cell(BINS, feature=feature, bin=code, metric=metric, **{"class": name})
                assert row["value"] == pytest.approx(value[c], nan_ok=True)
                assert row["n"] == n[c]
        row = cell(BINS, feature=feature, bin=code, metric="accuracy")
        assert row["value"] == pytest.approx(reference.accuracy_score(y, predicted))
        assert (row["class"], row["n"]) == ("all", rows.sum())


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_intervals_are_statsmodels(confidence: float) -> None:
    bins = found_in(SAMPLES, confidence=confidence)["bins"]
    codes = assignment("dose")
    for code, name in [(0, "normal"), (1, "crack"), (2, "dust")]:
        c = CLASSES.index(name)
        rows = (codes == code).to_numpy()
        y, predicted = SAMPLES.y[rows] == c, SAMPLES.predicted[rows] == c
        hits, n, called = (y & predicted).sum(), y.sum(), predicted.sum()
        options = {"alpha": 1 - confidence, "method": "wilson"}
        jaccard = np.array(proportion_confint(hits, n + called - hits, **options))
        expected = {
            "recall": proportion_confint(hits, n, **options),
            "precision": proportion_confint(hits, called, **options),
            "f1": 2 * jaccard / (1 + jaccard),
        }
        for metric, bounds in expected.items():
            row = cell(bins, feature="dose", bin=code, metric=metric, **{"class": name})
            assert (row["low"], row["high"]) == pytest.approx(tuple(bounds), abs=1e-12)
        right = (SAMPLES.y == SAMPLES.predicted)[rows]
        row = cell(bins, feature="dose", bin=code, metric="accuracy")
        expected_all = proportion_confint(right.sum(), len(right), **options)
        assert (row["low"], row["high"]) == pytest.approx(expected_all, abs=1e-12)


def test_f1_at_an_equal_mix_is_f1_of_the_reweighted_bin() -> None:
    """Weigh each sample of a bin until the classes are mixed as in the whole set."""
    codes = assignment("dose").to_numpy()
    shares = np.bincount(SAMPLES.y, minlength=4) / 700
    for code in range(3):
        rows = codes == code
        y, predicted = SAMPLES.y[rows], SAMPLES.predicted[rows]
        weight = (shares / np.maximum(np.bincount(y, minlength=4), 1))[y]
        f1 = reference.f1_score(y, predicted, average=None, labels=[0, 1, 2], sample_weight=weight)
        for c in range(3):
            row = cell(BINS, feature="dose", bin=code, metric="f1_star", **{"class": CLASSES[c]})
            assert row["value"] == pytest.approx(f1[c])


def test_edges_labels_and_the_missing_bin() -> None:
    frame = BINS[(BINS["feature"] == "blur") & (BINS["metric"] == "accuracy")].set_index("bin")
    edges = np.nanquantile(features()["blur"], [0.2, 0.4, 0.6, 0.8], method="inverted_cdf")
    assert frame.index.tolist() == [0, 1, 2, 3, 4, -1]
    assert frame["edge_low"].tolist() == pytest.approx([np.nan, *edges, np.nan], nan_ok=True)
    assert frame["edge_high"].tolist() == pytest.approx([*edges, np.nan, np.nan], nan_ok=True)
    assert frame.loc[-1, "label"] == "missing"
    assert frame.loc[-1, "n"] == features()["blur"].isna().sum()
    assert BINS[BINS["feature"] == "site"]["edge_low"].isna().all()


def test_a_category_called_missing_is_not_the_missing_bin() -> None:
    table = features()
    table["site"] = table["site"].where(table["dose"] > 0)
    bins = found_in(SAMPLES, table)["bins"]
    frame = bins[(bins["feature"] == "site") & (bins["metric"] == "accuracy")]
    assert frame["label"].tolist() == ["missing", "north", "south", "missing value"]
    assert frame["bin"].tolist() == [0, 1, 2, -1]


# Trends


@pytest.mark.parametrize("feature", ["blur", "site", "dose"])
def test_std_is_that_of_the_values_without_the_missing_bin(feature: str) -> None:
    real = BINS[(BINS["feature"] == feature) & (BINS["bin"] >= 0)]
    for name in ("all", *CLASSES):
        values = real[(real["class"] == name) & real["metric"].isin(["accuracy", "f1"])]
        row = cell(TRENDS, feature=feature, **{"class": name})
        assert row["std"] == pytest.approx(np.nanstd(values["value"]))
        assert row["n"] == values["n"].sum()


def test_missing_values_leave_the_trend_alone() -> None:
    known = features()["blur"].notna().to_numpy()
    table = features()[known].reset_index(drop=True)
    alone = found_in(taken(SAMPLES, known), table)["trends"]
    columns = ["n", "std", "std_chance"]
    before = TRENDS[TRENDS["feature"] == "blur"].set_index("class").loc[["all", *CLASSES]][columns]
    after = alone[alone["feature"] == "blur"].set_index("class").loc[["all", *CLASSES]][columns]
    assert np.allclose(before, after, equal_nan=True)


def test_std_chance_of_every_row_by_its_formula() -> None:
    codes = assignment("dose").to_numpy()
    for c, name in enumerate(CLASSES[:3]):
        variances = []
        for code in range(3):
            y, predicted = (x[codes == code] == c for x in (SAMPLES.y, SAMPLES.predicted))
            hits, total = (y & predicted).sum(), y.sum() + predicted.sum()
            jaccard = (hits + 0.5) / (total - hits + 1)
            f1 = 2 * jaccard / (1 + jaccard)
            variances.append(f1 * (1 - f1) * (2 - f1) / total)
        row = cell(TRENDS, feature="dose", **{"class": name})
        assert row["std_chance"] == pytest.approx(np.sqrt(2 / 3 * np.mean(variances)))


def test_published_table() -> None:
    # Source: published sensitivity table for image clarity, 1,110 solar cells. Any split of
    # the errors into false positives and false negatives gives the same F1.
    errors = np.array([35, 36, 23, 19, 10])
    right = [[67, 134, 169, 167, 196], [120, 52, 30, 36, 16]]
    for false_positives in (errors, 0 * errors, errors // 3):
        counts = np.array([*right, false_positives, errors - false_positives]).T.ravel()
        y = np.repeat([0, 1, 0, 1] * 5, counts)
        predicted = np.repeat([0, 1, 1, 0] * 5, counts)
        table = pd.DataFrame({"name": "x", "sharpness": np.arange(1_110.0)})
        found = found_in(samples_of(y, predicted, classes=("0", "1")), table)
        f1 = found["bins"][found["bins"]["metric"] == "f1"].pivot(
            columns="class", index="bin", values="value"
        )
        assert f1["0"].round(4).tolist() == [0.7929, 0.8816, 0.9363, 0.9462, 0.9751]
        assert f1["1"].round(4).tolist() == [0.8727, 0.7429, 0.7229, 0.7912, 0.7619]
        std = found["trends"].set_index("class")["std"].round(4)
        assert (std["0"], std["1"]) == (0.0643, 0.0523)
        assert found["bins"]["label"].unique().tolist() == [
            "0%-20%",
            "20%-40%",
            "40%-60%",
            "60%-80%",
            "80%-100%",
        ]


# The whole set


@pytest.mark.parametrize("kind", ["logits", "probabilities"])
@pytest.mark.parametrize("ties", [False, True])
def test_the_whole_set_is_scikit_learns(kind: str, ties: bool) -> None:
    samples = scored(kind=kind, ties=ties)
    overall = found_in(samples)["overall"].set_index(["class", "metric"])["value"]
    y, predicted = samples.y, samples.predicted
    p = softmax(samples.scores, axis=1) if kind == "logits" else samples.scores
    precision, recall, f1, _ = reference.precision_recall_fscore_support(
        y, predicted, labels=range(4), zero_division=np.nan
    )
    for c, name in enumerate(CLASSES):
        expected = {"precision": precision[c], "recall": recall[c], "f1": f1[c]}
        for metric, value in expected.items():
            assert overall[name, metric] == pytest.approx(value, nan_ok=True)
        if name != "never":
            assert overall[name, "auc"] == pytest.approx(reference.roc_auc_score(y == c, p[:, c]))
    assert ("never", "auc") not in overall.index
    assert overall["all", "accuracy"] == pytest.approx(reference.accuracy_score(y, predicted))
    assert overall["all", "macro_f1"] == pytest.approx(
        reference.f1_score(y, predicted, average="macro")
    )
    balanced = reference.recall_score(y, predicted, average="macro", labels=[0, 1, 2])
    assert overall["all", "balanced_accuracy"] == pytest.approx(balanced)


def test_confusion_is_scikit_learns() -> None:
    matrix = reference.confusion_matrix(SAMPLES.y, SAMPLES.predicted, labels=range(4))
    confusion = FOUND["confusion"]
    assert confusion["n"].sum() == 700
    assert len(confusion) == (matrix > 0).sum()
    for row in confusion.itertuples():
        assert row.n == matrix[CLASSES.index(row[1]), CLASSES.index(row.predicted)]


def test_roc_is_scikit_learns() -> None:
    samples = scored(150, ties=True)
    roc = found_in(samples)["roc"]
    p = softmax(samples.scores, axis=1)
    for c, name in enumerate(CLASSES[:3]):
        curve = roc[roc["class"] == name]
        expected = reference.roc_curve(samples.y == c, p[:, c], drop_intermediate=False)
        assert np.allclose(curve["fpr"], expected[0])
        assert np.allclose(curve["tpr"], expected[1])
        assert np.isnan(curve["threshold"].iloc[0])
        assert np.allclose(curve["threshold"].iloc[1:], expected[2][1:])
    assert "never" not in roc["class"].tolist()


def test_logits_of_two_classes_are_told_apart_where_probabilities_are_both_1() -> None:
    logits = np.array([[0.0, 50], [0, 60], [0, 55], [0, 70]])
    y = np.array([0, 1, 0, 1])
    samples = samples_of(y, [1] * 4, scores=logits, score_kind="logits", classes=("a", "b"))
    overall = found_in(samples, pd.DataFrame({"name": ["x"] * 4}))["overall"]
    auc = overall[overall["metric"] == "auc"].set_index("class")["value"]
    assert auc.to_dict() == {"a": 1, "b": 1}


def test_masked_logits_of_two_classes_are_ties() -> None:
    logits = np.array([[0, -np.inf], [1, -np.inf], [-np.inf, 0], [0, 1]])
    samples = samples_of(
        [0, 1, 1, 1], [0, 0, 1, 1], scores=logits, score_kind="logits", classes=("a", "b")
    )
    overall = found_in(samples, pd.DataFrame({"name": ["x"] * 4}))["overall"]
    auc = overall[overall["metric"] == "auc"].set_index("class")["value"]
    assert auc.to_dict() == pytest.approx({"a": 2.5 / 3, "b": 2.5 / 3})


def test_intervals_of_macro_scores_come_from_the_generator() -> None:
    rows = OVERALL["metric"].isin(["balanced_accuracy", "macro_f1"])
    other = found_in(SAMPLES, rng=np.random.default_rng(1))["overall"]
    assert (other[rows]["low"] != OVERALL[rows]["low"]).all()
    pd.testing.assert_frame_equal(other[~rows], OVERALL[~rows])


def test_interval_of_the_area_is_delongs_on_the_logit_scale() -> None:
    c, p = 1, softmax(SAMPLES.scores, axis=1)[:, 1]
    above, below = p[SAMPLES.y == c], p[SAMPLES.y != c]
    wins = above[:, None] > below
    auc = wins.mean()
    variance = wins.mean(axis=1).var(ddof=1) / len(above) + wins.mean(axis=0).var(ddof=1) / len(
        below
    )
    half = stats.norm.ppf(0.975) * np.sqrt(variance) / (auc * (1 - auc))
    bounds = 1 / (1 + np.exp(-(np.log(auc / (1 - auc)) + np.array([-half, half]))))
    row = cell(OVERALL, metric="auc", **{"class": "crack"})
    assert (row["low"], row["high"]) == pytest.approx(tuple(bounds))


# Prior


def test_a_prior_moves_f1_at_an_equal_mix_and_nothing_else() -> None:
    prior = {"normal": 0.2, "crack": 0.3, "dust": 0.5}
    found = found_in(SAMPLES, prior=prior)
    star = BINS["metric"].isin(["f1_star", "accuracy_star"])
    columns = ["value", "low", "high"]
    pd.testing.assert_frame_equal(found["bins"][~star], BINS[~star])
    assert not np.allclose(found["bins"][star][columns], BINS[star][columns], equal_nan=True)
    as_list = found_in(SAMPLES, prior=[0.2, 0.3, 0.5, 0])
    pd.testing.assert_frame_equal(found["bins"], as_list["bins"])
    keys, own = ["feature", "class"], ["spread", "spread_low", "spread_high", "impact"]
    kept = (
        trends.sort_values(keys, ignore_index=True).drop(columns=own)
        for trends in (found["trends"], TRENDS)
    )
    pd.testing.assert_frame_equal(*kept)
    for name in ("overall", "confusion", "roc"):
        pd.testing.assert_frame_equal(found[name], FOUND[name])


def test_a_wrong_prior_is_an_error() -> None:
    with pytest.raises(InputError, match=r"^prior: "):
        tables_of(SAMPLES, {}, prior=[1, 1])


# Small, empty and large


def test_without_features_there_are_no_bins() -> None:
    found = tables_of(SAMPLES, {}, rng=np.random.default_rng(0))
    for name, schema in (("bins", tables.BINS), ("trends", tables.TRENDS)):
        assert len(found[name]) == 0
        tables.check(found[name], schema)
    pd.testing.assert_frame_equal(found["overall"], OVERALL)


def test_without_scores_there_is_no_roc() -> None:
    found = found_in(samples_of(SAMPLES.y, SAMPLES.predicted))
    assert len(found["roc"]) == 0
    tables.check(found["roc"], tables.ROC)
    scored_only = ["auc", "confidence_gap"]
    for name in ("overall", "bins"):
        without = FOUND[name][~FOUND[name]["metric"].isin(scored_only)].reset_index(drop=True)
        pd.testing.assert_frame_equal(found[name], without)


def test_one_class_only() -> None:
    samples = samples_of(
        [0] * 100, [0] * 100, scores=np.ones((100, 1)), score_kind="probabilities", classes=("a",)
    )
    found = found_in(samples, pd.DataFrame({"name": "x", "blur": np.arange(100.0)}))
    bins = found["bins"]
    assert (bins["value"] == (bins["metric"] != "confidence_gap")).all()
    assert (bins["low"] < 1).all()
    assert (found["trends"]["std"] == 0).all()
    assert (found["trends"]["std_chance"] > 0).all()
    assert len(found["roc"]) == 0
    assert found["confusion"].to_dict("records") == [{"class": "a", "predicted": "a", "n": 100}]


def test_a_class_that_is_called_and_never_there() -> None:
    samples = samples_of([0, 0, 0, 1], [0, 2, 2, 1])
    overall = found_in(samples, pd.DataFrame({"name": ["x"] * 4}))["overall"]
    values = overall.set_index(["class", "metric"])["value"]
    assert np.isnan(values["dust", "recall"])
    assert values["dust", "precision"] == values["dust", "f1"] == 0
    assert np.isnan([values["never", metric] for metric in ("recall", "precision", "f1")]).all()


def test_a_class_that_a_bin_lacks() -> None:
    y = np.repeat([0, 1], 50)
    table = pd.DataFrame({"name": "x", "hour": np.repeat([6, 18], 50)})
    found = found_in(samples_of(y, np.r_[y[:90], [0] * 10], classes=("a", "b")), table)
    bins = found["bins"].set_index(["bin", "class", "metric"])["value"]
    assert np.isnan(bins[0, "b", "recall"])
    assert np.isnan(bins[0, "b", "f1_star"])
    assert bins[1, "a", "f1"] == 0  # called there, and never right
    std = found["trends"].set_index("class")["std"]
    assert std["a"] == pytest.approx(0.5)
    assert np.isnan(std["b"])


def test_one_real_bin_and_one_missing_has_no_std() -> None:
    binning = Binning(
        "categorical", np.array([0, 0, -1], dtype=np.int32), ("x",), (), ("x",), np.array([2]), 1
    )
    samples = samples_of([0, 1, 1], [0, 1, 0], classes=("a", "b"))
    table = pd.DataFrame({"name": samples.names, "site": ["x", "x", None]})
    found = tables_of(samples, {"site": binning}, table=table, rng=np.random.default_rng(0))
    assert found["trends"][["std", "std_chance"]].isna().all(axis=None)
    assert found["trends"]["n"].tolist() == [2, 1, 1]
    assert len(found["bins"]) == 2 * (2 + 2 * 4)


def test_an_empty_bin_of_given_edges_is_a_row_without_values() -> None:
    binning = bin_values(pd.Series([1.0, 2.0, 3.0, 9.0]), edges=[5.0, 6.0])
    samples = samples_of([0, 1, 1, 0], [0, 1, 0, 0], classes=("a", "b"))
    table = pd.DataFrame({"name": samples.names, "x": [1.0, 2.0, 3.0, 9.0]})
    found = tables_of(samples, {"x": binning}, table=table, rng=np.random.default_rng(0))
    empty = found["bins"][found["bins"]["bin"] == 1]
    assert (empty["n"] == 0).all()
    assert (empty["share"] == 0).all()
    assert empty[["value", "low", "high"]].isna().all(axis=None)
    std = found["trends"].set_index("class")["std"]
    assert std.notna().to_dict() == {"all": True, "a": True, "b": False}


@pytest.mark.parametrize("n_classes", [MAX_ROC_CLASSES, MAX_ROC_CLASSES + 1])
def test_curves_are_drawn_up_to_a_number_of_classes(n_classes: int) -> None:
    y = np.arange(2 * n_classes) % n_classes
    scores = np.eye(n_classes)[y]
    classes = tuple(map(str, range(n_classes)))
    samples = samples_of(y, y, scores=scores, score_kind="probabilities", classes=classes)
    found = found_in(samples, pd.DataFrame({"name": ["x"] * len(y)}))
    drawn = n_classes <= MAX_ROC_CLASSES
    assert found["roc"]["class"].nunique() == n_classes * drawn
    assert (found["overall"]["metric"] == "auc").sum() == n_classes * drawn


def test_a_thousand_classes() -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 1_000, 20_000)
    predicted = np.where(rng.random(20_000) < 0.8, y, rng.integers(0, 1_000, 20_000))
    classes = tuple(f"class {c}" for c in range(1_000))
    table = pd.DataFrame({"name": "x", "blur": rng.normal(size=20_000)})
    found = found_in(samples_of(y, predicted, classes=classes), table)
    assert len(found["bins"]) == 5 * (2 + 4 * 1_000)
    assert len(found["trends"]) == 1_001
    support = found["trends"].set_index("class")["n"]
    assert support["all"] == support.drop("all").sum() == 20_000
    recall = found["bins"].query("metric == 'recall'")
    assert (recall["value"] * recall["n"]).sum() == pytest.approx((y == predicted).sum())
