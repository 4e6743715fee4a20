import numpy as np
import pytest
from scipy.special import softmax
from sklearn.metrics import f1_score
from statsmodels.stats.proportion import proportion_confint

from sensitivity import tables
from sensitivity.catalogue import ORIGINAL, ViewSpec
from sensitivity.errors import InputError
from sensitivity.synthetic.interventions import move_images
from sensitivity.tta.logits import ViewLogits
from sensitivity.tta.responses import response_curves


def views_of(made, **more):
    classes = tuple(str(c) for c in range(made.z.shape[2]))
    given = {"feature_names": made.feature_names, "features": made.features} | more
    return ViewLogits(tuple(made.name_list), made.label_list, made.views, made.z, classes, **given)


@pytest.fixture(scope="module")
def made():
    return move_images(300, n_classes=3)


@pytest.fixture(scope="module")
def curves(made):
    return response_curves(views_of(made))


def rows(curves, **wanted):
    for name, value in wanted.items():
        curves = curves[curves[name.rstrip("_")] == value]
    return curves


def test_the_table_is_the_schema(curves):
    tables.check(curves, tables.RESPONSES)
    assert set(rows(curves, class_="all")["metric"]) == {"accuracy", "p_true"}
    assert set(rows(curves, class_="1")["metric"]) == {"recall", "f1", "p_true"}


def test_doses_are_those_collected_and_the_identity(curves):
    one = rows(curves, op="gamma", class_="all", metric="accuracy")
    assert one["dose"].tolist() == [0.4, 0.67, 1.0, 1.5, 2.5]
    assert (np.diff(one["position"]) < 0).all()  # a higher gamma is darker


def test_values_are_those_of_scikit_learn(made, curves):
    place = next(i for i, view in enumerate(made.views) if view.name == "gaussian_blur(1.5)")
    called = made.z[place].argmax(axis=1)
    right = called == made.label_list
    mine = rows(curves, op="gaussian_blur", dose=1.5)
    f1 = f1_score(made.label_list, called, average=None)
    for c in range(3):
        of_class = rows(mine, class_=str(c)).set_index("metric")
        hits, n = int(right[made.label_list == c].sum()), int((made.label_list == c).sum())
        assert of_class.loc["recall", "value"] == pytest.approx(hits / n)
        low, high = proportion_confint(hits, n, method="wilson")
        assert of_class.loc["recall", ["low", "high"]].tolist() == pytest.approx([low, high])
        assert of_class.loc["f1", "value"] == pytest.approx(f1[c])
        p = softmax(made.z[place].astype(float), axis=1)[:, c][made.label_list == c]
        assert of_class.loc["p_true", "value"] == pytest.approx(p.mean())
        half = 1.959964 * p.std(ddof=1) / np.sqrt(n)
        assert of_class.loc["p_true", "high"] == pytest.approx(p.mean() + half)
    everything = rows(mine, class_="all", metric="accuracy")
    assert everything["value"].item() == pytest.approx(right.mean())


def test_positions_are_measured_on_the_moved_images_of_the_class(made, curves):
    place = next(i for i, view in enumerate(made.views) if view.name == "gaussian_blur(2.5)")
    found = rows(curves, op="gaussian_blur", dose=2.5, class_="2", metric="recall")["position"]
    expected = np.median(made.features[place, made.label_list == 2, 0].astype(float))
    assert found.item() == pytest.approx(expected)


def test_permuting_images_changes_nothing(made, curves):
    order = np.random.default_rng(1).permutation(300)
    again = response_curves(views_of(made).rows(order))
    numbers = ["dose", "position", "value", "low", "high"]
    assert np.allclose(again[numbers], curves[numbers], equal_nan=True)


def test_groups_widen_the_intervals(made, curves):
    groups = np.arange(300) // 2
    twice = views_of(made).rows(np.repeat(np.arange(150), 2))
    alone = response_curves(twice)
    grouped = response_curves(
        ViewLogits(
            twice.names,
            twice.y,
            twice.views,
            twice.z,
            twice.classes,
            groups,
            feature_names=twice.feature_names,
            features=twice.features,
        )
    )
    ratio = (grouped["high"] - grouped["low"]) / (alone["high"] - alone["low"])
    assert (ratio >= 1 - 1e-9).all()
    one = rows(grouped.assign(ratio=ratio), class_="all", metric="p_true")["ratio"]
    assert one.between(1.4, 1.45).all()  # every image twice: √2, and a little for t


def test_classes_can_be_chosen_and_must_exist(made):
    assert set(response_curves(views_of(made), classes=("2",))["class"]) == {"2", "all"}
    with pytest.raises(InputError, match="classes: expected some of 0, 1, 2, got 7"):
        response_curves(views_of(made), classes=("7",))


def test_a_symmetry_or_one_dose_alone_has_no_curve(made):
    views = (ORIGINAL, ViewSpec("hflip", 1.0), ViewSpec("gamma", 2.0, "brightness", "down"))
    chosen = ViewLogits(
        tuple(made.name_list),
        made.label_list,
        views,
        made.z[:3],
        ("0", "1", "2"),
        feature_names=made.feature_names,
        features=made.features[:3],
    )
    found = response_curves(chosen)
    assert found.empty
    tables.check(found, tables.RESPONSES)


def test_without_features_there_are_no_positions(made):
    bare = views_of(made, feature_names=(), features=np.empty((0, 0, 0), np.float32))
    found = response_curves(bare, classes=())
    assert found["position"].isna().all()
    assert found["value"].notna().all()


def test_no_images_and_empty_classes(made):
    nobody = response_curves(views_of(made).rows(np.zeros(300, dtype=bool)))
    assert (nobody["n"] == 0).all()
    assert nobody["value"].isna().all()
    only = response_curves(views_of(made).rows(made.label_list == 0))
    assert rows(only, class_="2", metric="recall")["value"].isna().all()
    assert (rows(only, class_="2", metric="f1")["value"].fillna(0) == 0).all()
