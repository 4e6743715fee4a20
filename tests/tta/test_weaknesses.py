"""Where the model is weak, by what it sees."""

import numpy as np
import pytest

from sensitivity import analyse
from sensitivity.catalogue import DOWN, ORIGINAL, UP
from sensitivity.policies import Where
from sensitivity.synthetic import Trend, plant
from sensitivity.tta.logits import ViewLogits
from sensitivity.tta.weaknesses import inside, seen_by_model, weaknesses


def planted(recall, n=2000, rng=0):
    made = plant(n, recall=recall, feature="noise", rng=rng)
    return analyse(
        made.pred_list,
        made.label_list,
        made.name_list,
        columns=made.columns,
        features=(),
        save_path=None,
    )


def test_nothing_planted_nothing_found() -> None:
    found = [weaknesses(planted((0.8, 0.8), n=600, rng=seed)) for seed in range(20)]
    assert sum(map(bool, found)) <= 4


@pytest.mark.parametrize(
    ("recall", "direction"),
    [((0.9, Trend(0.95, 0.55)), DOWN), ((0.9, Trend(0.55, 0.95)), UP)],
)
def test_the_weak_end_shows_the_way_out(recall, direction) -> None:
    analysis = planted(recall)
    found = {(w.feature, w.direction): w for w in weaknesses(analysis)}
    assert set(found) == {("noise", direction)}
    weakness = found["noise", direction]
    values = analysis.features["noise"].to_numpy()
    weak = inside(values, weakness.where)
    assert 0.15 < weak.mean() < 0.65
    assert weakness.start == pytest.approx(np.median(values[weak]))
    towards = weakness.target - weakness.start
    assert towards > 0 if direction == UP else towards < 0
    wrong = ~analysis.outcomes["right"].to_numpy()
    assert wrong[weak].mean() > wrong[~weak].mean()


def test_only_the_class_that_was_asked_for() -> None:
    analysis = planted((Trend(0.95, 0.6), Trend(0.6, 0.95)))
    ways = {name: {w.direction for w in weaknesses(analysis, of_class=name)} for name in "01"}
    assert ways == {"0": {DOWN}, "1": {UP}}
    assert {w.direction for w in weaknesses(analysis)} == {DOWN, UP}  # each for its class


def test_two_weak_ends_where_the_middle_is_best() -> None:
    analysis = planted((0.85, Trend(0.5, 0.97, "ushape")), n=6000)
    assert analysis.trends.query("`class` == '1'")["shape"].iloc[0] == "middle best"
    assert {w.direction for w in weaknesses(analysis, of_class="1")} == {UP, DOWN}


def test_bounds_are_open_below_and_closed_above() -> None:
    values = np.array([1.0, 2.0, 3.0, np.nan])
    assert inside(values, Where("x", 1.0, 3.0)).tolist() == [False, True, True, False]
    assert inside(values, Where("x")).tolist() == [True, True, True, False]


def test_features_are_those_that_the_model_sees() -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 400)
    noise = rng.uniform(0, 1, 400)
    wrong = rng.random(400) < 0.05 + 0.5 * noise
    z = np.zeros((1, 400, 2), dtype=np.float32)
    z[0, np.arange(400), np.where(wrong, 1 - y, y)] = 2
    names = tuple(f"{i}.png" for i in range(400))
    logits = ViewLogits(
        names,
        y,
        (ORIGINAL,),
        z,
        ("ok", "defect"),
        feature_names=("noise",),
        features=noise.astype(np.float32).reshape(1, 400, 1),
    )
    analysis = seen_by_model(logits)
    assert analysis.settings["classes"] == ["ok", "defect"]
    assert [w.feature for w in weaknesses(analysis)] == ["noise"]
