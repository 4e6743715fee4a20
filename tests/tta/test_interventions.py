import dataclasses
import warnings

import numpy as np
import pytest

from sensitivity import analyse, tables
from sensitivity.catalogue import ORIGINAL, ViewSpec
from sensitivity.stats.paired import proportion_change
from sensitivity.synthetic.interventions import VIEWS, move_images
from sensitivity.tta.interventions import REASONS, judge_interventions, with_interventions
from sensitivity.tta.logits import ViewLogits

#: Seeds of the parts that are planted anew; benchmarks/interventions.py has a hundred of each.
SEEDS = range(4)


def views_of(made, *, groups=None):
    classes = tuple(str(c) for c in range(made.z.shape[2]))
    return ViewLogits(
        tuple(made.name_list),
        made.label_list,
        made.views,
        made.z,
        classes,
        groups,
        feature_names=made.feature_names,
        features=made.features,
    )


def analysis_of(made, *, groups=None, columns=None):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return analyse(
            made.pred_list,
            made.label_list,
            made.name_list,
            columns=made.columns if columns is None else columns,
            features=(),
            groups=groups,
            save_path=None,
        )


def found_in(made, **options):
    return judge_interventions(analysis_of(made, **options), views_of(made, **options))


def of(found, name="all", direction="down", feature="sharpness"):
    mine = found[(found["feature"] == feature) & (found["class"] == name)]
    return mine[mine["direction"] == direction].iloc[0]


@pytest.fixture(scope="module")
def blur():
    return move_images(900, cause="blur")


@pytest.fixture(scope="module")
def analysis(blur):
    return analysis_of(blur)


@pytest.fixture(scope="module")
def found(blur, analysis):
    return judge_interventions(analysis, views_of(blur))


@pytest.fixture(scope="module")
def forced(analysis):
    """An analysis that claims a real trend of every feature in every class."""
    trends = analysis.trends.assign(
        strength="real", shape="trend", driver="recall", direction="rises", verdict="associated"
    )
    size = trends["recall_change"].abs()
    trends = trends.assign(recall_change=size, recall_change_low=size / 2, recall_change_high=1.0)
    return dataclasses.replace(analysis, trends=trends)


# The table


def test_the_table_is_the_schema_and_every_reason_is_explained(found):
    tables.check(found, tables.INTERVENTIONS)
    assert set(found["reason"]) <= set(REASONS)
    assert (found.groupby(["feature", "class"])["direction"].agg(list).map(len) == 2).all()


def test_blur_that_makes_errors_is_confirmed_by_blurring_and_by_nothing_else(found):
    down, up = of(found), of(found, direction="up")
    assert (down["op"], down["verdict"], down["reason"]) == (
        "gaussian_blur",
        "confirmed",
        "reproduced",
    )
    assert down["change"] <= down["observed"] / 2 < 0
    assert down["change_high"] < 0
    assert abs(down["control_change"]) < abs(down["change"]) / 2
    assert up["verdict"] == "contradicted"  # sharpening brings nothing back
    assert up["observed"] > 0


def test_the_numbers_of_a_row_follow_from_the_views(blur, found):
    """Each image from the view that moves it farthest and not below the 10th percentile."""
    y, right = blur.label_list, blur.z.argmax(axis=2) == blur.label_list
    ways = [i for i, view in enumerate(VIEWS) if view.op == "gaussian_blur"]
    of_class = np.flatnonzero(y == 1)
    sharpness = blur.features[:, of_class, 0].astype(float)
    # A position is a share of ranks, ties by half: at least a tenth of the class lies below.
    floor = np.sort(sharpness[0])[int(np.ceil(0.1 * len(of_class))) - 1]
    before, after = [], []
    for j, image in enumerate(of_class):
        inside = [(sharpness[m, j], m) for m in ways if sharpness[m, j] > floor]
        if inside:
            before.append(right[0, image])
            after.append(right[min(inside)[1], image])
    before, after = np.array(before), np.array(after)
    gained, lost = (after & ~before).sum(), (before & ~after).sum()
    expected = proportion_change(gained, lost, len(before))
    row = of(found, "1")
    assert row["n"] == len(before)
    assert row[["change", "change_low", "change_high"]].tolist() == pytest.approx(
        [float(value) for value in expected]
    )


# Laws


def test_permuting_images_changes_nothing(blur, analysis, found):
    order = np.random.default_rng(1).permutation(len(blur.name_list))
    again = judge_interventions(analysis, views_of(blur).rows(order))
    texts = ["feature", "class", "op", "direction", "control", "verdict", "reason"]
    assert again[texts].equals(found[texts])
    numbers = [column for column in found if column not in texts]
    assert np.allclose(again[numbers], found[numbers], equal_nan=True)


def test_a_monotone_scale_of_the_feature_changes_no_verdict(blur, analysis, found):
    logits = views_of(blur)
    features = logits.features.copy()
    features[..., 0] = np.log(features[..., 0])
    again = judge_interventions(analysis, dataclasses.replace(logits, features=features))
    down, before = of(again), of(found)
    for column in ("n", "observed", "change", "change_low", "verdict"):
        assert down[column] == before[column]


def test_without_views_nothing_is_checked(blur, analysis, forced):
    for each in (analysis, forced):
        found = judge_interventions(each, views_of(blur).only([0]))
        assert len(found)
        assert set(found["verdict"]) == {"not checked"}
        assert set(found["reason"]) <= {"no view"}


def test_without_features_nothing_is_checked(blur, analysis):
    bare = dataclasses.replace(
        views_of(blur), feature_names=(), features=np.empty((0, 0, 0), np.float32)
    )
    found = judge_interventions(analysis, bare)
    assert set(zip(found["verdict"], found["reason"], strict=True)) == {
        ("not checked", "not measured")
    }


def test_views_that_do_nothing_confirm_nothing(blur, forced):
    logits = views_of(blur)
    still = dataclasses.replace(
        logits, z=logits.z[:1].repeat(14, 0), features=logits.features[:1].repeat(14, 0)
    )
    found = judge_interventions(forced, still)
    assert set(found["verdict"]) == {"not checked"}
    # The features move and the model does not care.
    deaf = dataclasses.replace(logits, z=logits.z[:1].repeat(14, 0))
    found = judge_interventions(forced, deaf)
    assert "confirmed" not in set(found["verdict"])
    assert of(found)["verdict"] == "contradicted"


def test_no_finding_no_row():
    made = move_images(400, cause="nothing")
    found = found_in(made)
    assert found.empty
    tables.check(found, tables.INTERVENTIONS)


def test_no_images(blur, analysis):
    nobody = views_of(blur).rows(np.zeros(len(blur.name_list), dtype=bool))
    assert set(judge_interventions(analysis, nobody)["verdict"]) == {"not checked"}


# What confirms, and what does not


@pytest.mark.parametrize(
    ("cause", "verdict", "reason"),
    [
        ("blur", "confirmed", "reproduced"),
        ("difficulty", "contradicted", "no change"),
        ("any change", "not checked", "control does the same"),
    ],
)
def test_what_is_planted_is_what_is_said(cause, verdict, reason):
    rows = [of(found_in(move_images(700, cause=cause, rng=seed))) for seed in SEEDS]
    assert all(row["verdict"] == verdict for row in rows)
    assert sum(row["reason"] == reason for row in rows) >= len(SEEDS) - 1


def test_null_outcomes_confirm_in_a_hundredth_at_most(forced):
    """Findings that are none, and views whose errors are drawn anew without any cause."""
    made = move_images(300, cause="nothing", rng=7)
    rng = np.random.default_rng(0)
    n_rows = n_confirmed = 0
    for _ in range(25):
        logits = views_of(made)
        right = rng.random(logits.z.shape[:2]) < 0.85
        z = np.zeros_like(logits.z)
        called = np.where(right, made.label_list, 1 - made.label_list)
        np.put_along_axis(z, called[..., None], 1.0, axis=2)
        found = judge_interventions(forced, dataclasses.replace(logits, z=z))
        n_rows += len(found)
        n_confirmed += (found["verdict"] == "confirmed").sum()
    assert n_rows > 400
    assert n_confirmed <= 0.01 * n_rows


def test_harm_by_blurring_and_by_sharpening_alike_confirms_nothing_by_signs():
    """Recall rises with sharpness, and every change of the image lowers it."""
    made = move_images(900, cause="any change")
    found = found_in(made)
    assert of(found)["change"] < 0
    assert of(found, direction="up")["change"] < 0
    assert of(found, direction="up")["reason"] == "opposite"
    assert "confirmed" not in set(found["verdict"])


def test_without_a_control_nothing_is_confirmed(blur, analysis):
    places = [0, *(i for i, view in enumerate(VIEWS) if view.source == "trend")]
    row = of(judge_interventions(analysis, views_of(blur).only(places)))
    assert (row["verdict"], row["reason"], row["control"]) == ("not checked", "no control", "")


def test_a_control_that_moves_the_feature_itself_is_none(blur, analysis):
    logits = views_of(blur)
    features = logits.features.copy()
    for place, view in enumerate(VIEWS):
        if view.source == "chosen":
            features[place, :, 0] *= 0.5
    row = of(judge_interventions(analysis, dataclasses.replace(logits, features=features)))
    assert row["reason"] == "no control"


def test_a_control_whose_feature_travels_along_is_none(blur, analysis):
    logits = views_of(blur)
    features = logits.features.copy()
    for column in (1, 2):  # both unrelated features now rank the originals as sharpness does
        move = features[..., column] - features[0, :, column]
        features[..., column] = features[0, :, 0] * 3 + 5 * move
    row = of(judge_interventions(analysis, dataclasses.replace(logits, features=features)))
    assert row["reason"] == "no control"


def test_a_change_that_comes_only_beyond_the_range_is_no_contradiction(blur, analysis):
    logits = views_of(blur)
    # Every blur is counted as twice as strong as it is, so that only the weak ones are in range.
    features = logits.features.copy()
    for place, view in enumerate(VIEWS):
        if view.op == "gaussian_blur":
            features[place, :, 0] = features[0, :, 0] * 0.35 ** (1 + place)
    z = logits.z.copy()
    z[1] = z[0]
    found = judge_interventions(analysis, dataclasses.replace(logits, z=z, features=features))
    assert of(found)["reason"] == "only beyond the range"
    assert of(found)["verdict"] == "not checked"


def test_a_few_images_are_too_few(blur, analysis):
    few = views_of(blur).rows(np.arange(19))
    found = judge_interventions(analysis, few)
    assert set(found["verdict"]) == {"not checked"}


def test_one_group_has_no_interval(blur, analysis):
    together = dataclasses.replace(
        views_of(blur), groups=np.zeros(len(blur.name_list), dtype=np.int64)
    )
    assert of(judge_interventions(analysis, together))["reason"] == "too few images"


def test_groups_widen_the_interval():
    made = move_images(900, cause="blur", group_size=30)
    analysis = analysis_of(made, groups=made.groups)
    alone = of(judge_interventions(analysis, views_of(made)))
    grouped = of(judge_interventions(analysis, views_of(made, groups=made.groups)))
    assert grouped["change"] == alone["change"]
    assert grouped["change_low"] < alone["change_low"]
    assert grouped["verdict"] == "confirmed"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"shape": "categories", "direction": ""}, "categories"),
        ({"feature": "hour"}, "not measured"),
        ({"class": "cat"}, "unknown class"),
        ({"shape": "middle best", "direction": ""}, "bend"),
        ({"driver": "false positives"}, "false positives"),
        ({"recall_change_low": -0.1}, "recall does not follow"),
    ],
)
def test_what_cannot_be_checked_says_why_in_one_row(blur, analysis, row, reason):
    one = analysis.trends[analysis.trends["strength"] == "real"].head(1).assign(**row)
    found = judge_interventions(dataclasses.replace(analysis, trends=one), views_of(blur))
    assert len(found) == 1
    assert found.iloc[0][["verdict", "reason", "direction"]].tolist() == ["not checked", reason, ""]


def test_a_feature_that_shows_nothing_at_the_models_size_is_not_seen(blur, analysis):
    logits = views_of(blur)
    features = logits.features.copy()
    order = np.random.default_rng(0).permutation(features.shape[1])
    features[..., 0] = features[:, order, 0]
    row = of(judge_interventions(analysis, dataclasses.replace(logits, features=features)))
    assert row["reason"] == "not seen by the model"


def test_a_feature_that_is_moved_through_another_is_checked(blur):
    """Blur effect rises as sharpness falls: blurring moves it up."""
    names = ("blur_effect", *blur.feature_names[1:])
    features = blur.features.copy()
    features[..., 0] *= -1
    made = dataclasses.replace(blur, feature_names=names, features=features)
    found = found_in(made)
    row = of(found, feature="blur_effect", direction="up")
    assert (row["op"], row["verdict"]) == ("gaussian_blur", "confirmed")


# Into the analysis


def test_confirmed_rows_read_confirmed_and_nothing_else_changes(analysis, found):
    told = with_interventions(analysis, found)
    good = found[found["verdict"] == "confirmed"]
    pairs = set(zip(good["feature"], good["class"], strict=True))
    rows = told.trends.set_index(["feature", "class"])["verdict"]
    assert pairs == {("sharpness", name) for name in ("all", "0", "1")}
    assert all((verdict == "confirmed") == (key in pairs) for key, verdict in rows.items())
    assert told.trends.drop(columns="verdict").equals(analysis.trends.drop(columns="verdict"))
    assert "confirmed" not in set(analysis.trends["verdict"])
    tables.check(told.trends, tables.TRENDS)


def test_a_candidate_is_not_confirmed(analysis, found):
    weak = dataclasses.replace(
        analysis, trends=analysis.trends.assign(verdict=tables.CHANCE, strength="candidate")
    )
    told = with_interventions(weak, found)
    assert set(told.trends["verdict"]) == {tables.CHANCE}


def test_nothing_found_leaves_the_analysis_as_it_is(analysis, found):
    told = with_interventions(analysis, found.head(0))
    assert told.trends.equals(analysis.trends)


def test_one_view_of_each_is_enough():
    """A single dose works as several do; what it cannot reach is left out."""
    made = move_images(900)
    places = [VIEWS.index(ORIGINAL)]
    wanted = (
        ViewSpec("gaussian_blur", 1.0, "sharpness", "down", "trend"),
        ViewSpec("gamma", 1.5, "brightness", "down", "chosen"),
    )
    places += [VIEWS.index(view) for view in wanted]
    row = of(judge_interventions(analysis_of(made), views_of(made).only(places)))
    assert (row["dose"], row["verdict"]) == (1.0, "confirmed")


# Each condition by itself: outcomes set by hand


def by_hand(*, lost, gained=0, control_lost=0, control_gained=0, shift=-0.3, size=1.0, n=1000):
    """One class whose recall rises evenly from .5 to .9 with sharpness, blurred by `shift`.

    Of the images that stay within the range so many are lost and gained by the blur, and by a
    control that moves brightness `size` times as many SD.
    """
    sharpness = (np.arange(n) + 0.5) / n
    brightness = np.random.default_rng(0).permutation(sharpness)
    # Evenly spread: of ten neighbours, as many are right as the recall there says.
    right = np.tile((np.arange(10) * 7 % 10 + 0.5) / 10, n // 10) < 0.5 + 0.4 * sharpness
    moved = sharpness + shift > 0.1
    outcomes = np.stack([right, right, right])
    for view, down, up in ((1, lost, gained), (2, control_lost, control_gained)):
        outcomes[view, np.flatnonzero(moved & right)[:down]] = False
        outcomes[view, np.flatnonzero(moved & ~right)[:up]] = True
    features = np.stack([np.stack([sharpness, brightness], axis=1)] * 3)
    features[1, :, 0] += shift
    features[2, :, 1] += size * abs(shift)
    views = (
        ORIGINAL,
        ViewSpec("gaussian_blur", 1.0, "sharpness", "down", "trend"),
        ViewSpec("gamma", 0.5, "brightness", "up", "chosen"),
    )
    return ViewLogits(
        tuple(map(str, range(n))),
        np.zeros(n, dtype=np.int64),
        views,
        np.stack([outcomes, ~outcomes], axis=2).astype(np.float32),
        ("0", "1"),
        feature_names=("sharpness", "brightness"),
        features=features.astype(np.float32),
    )


@pytest.fixture(scope="module")
def judged(analysis):
    """The row of sharpness, class 0 and down, for outcomes set by hand."""
    one = analysis.trends[(analysis.trends["feature"] == "sharpness")]
    one = one[one["class"] == "0"].assign(recall_change=0.32, direction="rises", driver="recall")
    claimed = dataclasses.replace(analysis, trends=one)
    return lambda **outcomes: of(judge_interventions(claimed, by_hand(**outcomes)), "0")


def test_the_expected_change_is_that_of_the_bins(judged):
    row = judged(lost=0)
    assert row["n"] == 600
    # .3 down a line of slope .4; the outermost bins end at the 10th and 90th percentile.
    assert row["observed"] == pytest.approx(-0.4 * 0.3 + 0.4 * 0.05**2 / 0.6, abs=0.004)


@pytest.mark.parametrize(
    ("outcomes", "verdict", "reason"),
    [
        ({"lost": 72}, "confirmed", "reproduced"),
        # (a) enough for an interval that leaves 0 out, but is it half? Then: surely less.
        ({"lost": 44, "gained": 12}, "not checked", "undecided"),
        ({"lost": 12}, "contradicted", "less than half"),
        ({"lost": 0}, "contradicted", "no change"),
        ({"lost": 0, "gained": 30}, "contradicted", "opposite"),
        # (b) more than half, but as many are gained as chance may bring
        ({"lost": 20, "gained": 10, "n": 200}, "not checked", "too few images"),
        # (c) the control does more than half of it; less, but no one can tell how much
        ({"lost": 72, "control_lost": 40}, "not checked", "control does the same"),
        ({"lost": 72, "control_lost": 32}, "confirmed", "reproduced"),
        (
            {"lost": 18, "gained": 4, "control_lost": 30, "control_gained": 24, "n": 200},
            "not checked",
            "control does the same",
        ),
        ({"lost": 72, "control_lost": 72}, "not checked", "control does the same"),
        ({"lost": 72, "control_gained": 72}, "confirmed", "reproduced"),
        # A control goes as far, neither half nor twice as far
        ({"lost": 72, "size": 2.2}, "not checked", "no control"),
        ({"lost": 72, "size": 0.4}, "not checked", "no control"),
        ({"lost": 72, "size": 1.8}, "confirmed", "reproduced"),
        # The wrong way, and hardly any way
        ({"lost": 72, "shift": 0.3}, "not checked", "not moved far"),
        ({"lost": 72, "shift": -0.02}, "not checked", "not moved far"),
    ],
)
def test_each_condition_by_itself(judged, outcomes, verdict, reason):
    row = judged(**outcomes)
    assert (row["verdict"], row["reason"]) == (verdict, reason)
