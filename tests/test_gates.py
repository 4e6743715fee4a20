"""Gates: judged on the interval's side, and open where there are too few images."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from sensitivity.errors import InputError, OptionError
from sensitivity.gates import AT_LIMIT, judge, worst_status
from sensitivity.pairs import match
from sensitivity.report.gated import sentence_of
from sensitivity.stats.intervals import f1_interval

CLASSES = ("ok", "crack")


def result(make_analysis, n: int = 1_000, seed: int = 0, recall: float = 0.8, **options):
    """A detector of cracks; the image's name tells the true class's place."""
    rng = np.random.default_rng(seed)
    y = (np.arange(n) % 10 < 3).astype(int)
    called = np.where(rng.random(n) < np.where(y == 1, recall, 0.95), y, 1 - y)
    columns = {"blur": rng.random(n), "camera": rng.choice(["north", "south", "roof"], n)}
    return make_analysis(called, y, classes=CLASSES, columns=columns, **options)


def value_of(analysis, owner: str = "crack") -> float:
    rows = analysis.overall
    return rows.loc[(rows["class"] == owner) & (rows["metric"] == "f1"), "value"].item()


# min-f1


@pytest.mark.parametrize(
    ("offset", "status"),
    [(-0.1, "pass"), (-0.005, "inconclusive"), (0.005, "inconclusive"), (0.1, "fail")],
)
def test_min_f1_is_judged_on_the_side_of_the_interval(make_analysis, offset: float, status: str):
    analysis = result(make_analysis)
    limit = value_of(analysis) + offset
    gate = judge(analysis, min_f1=[f"crack={limit}"])[0]
    assert gate.status == status
    assert gate.value == value_of(analysis)
    assert gate.n == 300
    assert (gate.n_needed is not None) == (status == "inconclusive")
    assert len(gate.rows) == (status != "pass")


@pytest.mark.parametrize("offset", [-0.02, -0.004, 0.004, 0.02])
def test_as_many_images_as_it_says_decide(make_analysis, offset: float):
    """The counts scaled up by what the gate asks for have an interval beside the limit."""
    analysis = result(make_analysis)
    limit = value_of(analysis) + offset
    gate = judge(analysis, min_f1=[f"crack={limit}"])[0]
    truth, called = (analysis.outcomes[key] == "crack" for key in ("class", "predicted"))
    counts = np.array([(truth & called).sum(), truth.sum(), called.sum()])
    for share, decided in ((1.0, True), (0.98, False)):
        low, high = f1_interval(*counts * (share * gate.n_needed / gate.n))
        assert bool(limit <= low or high < limit) == decided
    assert gate.n_total == pytest.approx(gate.n_needed * 1_000 / 300, abs=4)


def test_a_value_at_the_limit_is_decided_by_no_number(make_analysis):
    analysis = result(make_analysis)
    gate = judge(analysis, min_f1=[f"crack={value_of(analysis)!r}"])[0]
    assert (gate.status, gate.n_needed, gate.n_total) == ("inconclusive", None, None)
    assert gate.rows[0].reason == AT_LIMIT


@pytest.mark.parametrize("offset", [1e-12, -1e-7, 4e-4, -4e-4])
def test_a_value_that_prints_as_the_limit_asks_for_no_millions(make_analysis, offset: float):
    analysis = result(make_analysis)
    gate = judge(analysis, min_f1=[f"crack={value_of(analysis) + offset!r}"])[0]
    assert (gate.status, gate.n_needed, gate.n_total) == ("inconclusive", None, None)
    assert sentence_of(gate).endswith("at the limit: no number of images will tell")


def test_of_a_value_beside_the_limit_the_number_is_still_told(make_analysis):
    analysis = result(make_analysis)
    gate = judge(analysis, min_f1=[f"crack={value_of(analysis) + 0.002!r}"])[0]
    assert 100_000 < gate.n_total < 1_000 * 1_000


@pytest.mark.parametrize("offset", [0.0, 1e-7])
def test_a_spread_and_a_drop_at_the_limit(make_analysis, offset: float):
    spread = {("blur", "crack"): (0.1 + offset, 0.05, 0.16)}
    gate = judge(result(make_analysis, spread=spread), max_spread=["crack:blur=0.1"])[0]
    assert (gate.status, gate.n_total, gate.rows[0].reason) == ("inconclusive", None, AT_LIMIT)
    old, new = result(make_analysis), result(make_analysis, seed=1)
    drop = judge(new, max_drop=["all=1"], old=old)[0].value
    if not 0 <= drop <= 1:
        old, new, drop = new, old, -drop
    gate = judge(new, max_drop=[f"all={drop + offset!r}"], old=old)[0]
    assert (gate.status, gate.n_total, gate.rows[0].reason) == ("inconclusive", None, AT_LIMIT)


def test_sixty_images_are_too_few_to_say(make_analysis):
    gate = judge(result(make_analysis, n=60), min_f1=["crack=0.7"])[0]
    assert gate.status == "inconclusive"
    assert gate.n == 18
    assert gate.n_total > 60


def test_perfect_models_have_an_interval_too(make_analysis):
    y = np.arange(40) % 2
    gate = judge(make_analysis(y, y), min_f1=["1=0.97"])[0]
    assert gate.status == "inconclusive"
    low, _ = f1_interval(gate.n_needed, gate.n_needed, gate.n_needed)
    assert low >= 0.97
    assert f1_interval(gate.n_needed - 2, gate.n_needed - 2, gate.n_needed - 2)[0] < 0.97


@pytest.mark.parametrize(
    ("where", "n", "what"),
    [
        ("", 2, "F1 of every class"),
        ("crack", 1, "F1 of crack"),
        ("crack:blur", 5, "F1 of crack in every range of blur"),
        ("crack:blur:0%-20%", 1, "F1 of crack in 0–20% of blur"),
        ("crack:blur:0", 1, "F1 of crack in 0–20% of blur"),
        ("crack:camera:roof", 1, "F1 of crack in roof of camera"),
        ("crack:20%-40%", 1, "F1 of crack in range 20–40% of 1 feature"),
        ("crack:blur:20–40%", 1, "F1 of crack in 20–40% of blur"),
        ("crack:20-40%", 1, "F1 of crack in range 20–40% of 1 feature"),
        ("crack:1", 2, "F1 of crack in range 1 of 2 features"),
    ],
)
def test_what_a_gate_looks_at(make_analysis, where: str, n: int, what: str):
    analysis = result(make_analysis)
    gate = judge(analysis, min_f1=[f"{where}=0.01" if where else 0.01])[0]
    assert (gate.n_judged, gate.what, gate.status) == (n, f"{what}: at least 0.01", "pass")


def test_names_may_hold_colons_and_equal_signs(make_analysis):
    y = np.arange(80) % 2
    analysis = make_analysis(
        y, y, classes=("a=b", "a=b:c"), columns={"at:10": np.repeat(["08:30", "17:00"], 40)}
    )
    gate = judge(analysis, min_f1=["a=b:c:at:10:08:30=0.5"])[0]
    assert (gate.what, gate.n) == ("F1 of a=b:c in 08:30 of at:10: at least 0.5", 20)
    assert judge(analysis, min_f1=["a=b=0.5"])[0].what == "F1 of a=b: at least 0.5"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("high", "min-f1: expected a limit from 0 to 1"),
        ("crack=1.5", "min-f1: expected a limit from 0 to 1, .* got crack=1.5"),
        ("crack=nan", "min-f1: expected a limit from 0 to 1"),
        ("crac=0.5", "min-f1: expected a class among ok, crack, got crac"),
        ("all=0.5", "min-f1: expected a class among ok, crack, got all"),
        (
            "crack:blurr=0.5",
            r"expected a feature \(blur, camera\) or a range .*0–20%.*, got blurr",
        ),
        ("crack:blur:0%-30%=0.5", "expected a range of blur: 0–20%, .*, got 0%-30%"),
        ("crack:blur:5=0.5", "expected a range of blur: .*, got 5"),
        ("crack:blur:-1=0.5", "expected a range of blur"),
    ],
)
def test_unknown_names_are_said_with_those_that_are_known(make_analysis, given: str, message: str):
    with pytest.raises(OptionError, match=message):
        judge(result(make_analysis), min_f1=[given])


def test_cells_with_few_images_are_open(make_analysis):
    y = np.array([0] * 90 + [1] * 14)
    where = np.array(["a"] * 40 + ["b"] * 40 + ["c"] * 10 + ["a"] * 12 + ["b"] * 2)
    analysis = make_analysis(y, y, columns={"site": where})
    gate = judge(analysis, min_f1=["1:site=0.5"])[0]
    assert gate.status == "inconclusive"
    assert [(row.label, row.reason) for row in gate.rows] == [
        ("c", "no image of the class"),
        ("b", "fewer than 10 images of the class"),
    ]
    assert gate.rows[0].n_total is None
    assert (gate.rows[1].n_needed, gate.rows[1].n_total) == (10, 520)


def test_worst_row_comes_first_and_decides(make_analysis):
    analysis = result(make_analysis)
    gate = judge(analysis, min_f1=["crack:blur=0.999"])[0]
    assert gate.status == "fail"
    values = [row.value for row in gate.rows]
    assert values == sorted(values)
    assert gate.value == values[0]


# max-spread

SPREADS = {
    ("blur", "ok"): (0.02, 0.0, 0.05),
    ("blur", "crack"): (0.2, 0.12, 0.3),
    ("blur", "all"): (0.0, 0.0, 0.04),
    ("camera", "ok"): (0.01, 0.0, 0.02),
    ("camera", "crack"): (0.02, 0.0, 0.06),
    ("camera", "all"): (0.01, 0.0, 0.03),
}


@pytest.mark.parametrize(
    ("given", "status", "broken"),
    [
        (0.1, "fail", ["blur crack"]),
        (0.12, "inconclusive", ["blur crack"]),
        (0.25, "inconclusive", ["blur crack"]),
        (0.3, "pass", []),
        ("ok=0.05", "pass", []),
        ("all=0.03", "inconclusive", ["blur all"]),
        ("crack:camera=0.06", "pass", []),
        ("crack:camera=0.05", "inconclusive", ["camera crack"]),
    ],
)
def test_max_spread(make_analysis, given: str | float, status: str, broken: list[str]):
    gate = judge(result(make_analysis, spread=SPREADS), max_spread=[given])[0]
    assert gate.status == status
    assert [f"{row.feature} {row.class_name}" for row in gate.rows] == broken


def test_spread_asks_for_as_many_images_as_draw_the_bound_in(make_analysis):
    analysis = result(make_analysis, spread=SPREADS)
    up, down = judge(analysis, max_spread=["crack:camera=0.04", "crack:blur=0.15"])
    assert up.n_total == math.ceil(1_000 * (0.04 / 0.02) ** 2)
    assert down.n_total == math.ceil(1_000 * (0.08 / 0.05) ** 2)
    same = judge(analysis, max_spread=["crack:blur=0.2"])[0]
    assert (same.status, same.n_total, same.rows[0].reason) == ("inconclusive", None, AT_LIMIT)


def test_two_ranges_have_no_spread_and_are_no_obstacle(make_analysis):
    y = np.arange(400) % 2
    spread = {("blur", owner): (0.0, 0.0, 0.01) for owner in ("0", "1", "all")}
    analysis = make_analysis(
        y, y, columns={"blur": np.arange(400), "side": np.repeat(["l", "r"], 200)}, spread=spread
    )
    gate = judge(analysis, max_spread=[0.05])[0]
    assert (gate.status, gate.n_judged) == ("pass", 3)
    assert gate.notes == ("fewer than 3 ranges, not judged: side",)
    alone = judge(analysis, max_spread=["0:side=0.05"])[0]
    assert (alone.status, alone.n_judged) == ("inconclusive", 0)
    assert "nothing to judge" in alone.notes


def test_ranges_with_few_images_of_the_class_leave_the_spread_open(make_analysis):
    y = np.r_[np.ones(20), np.zeros(480)].astype(int)
    blur = np.r_[np.tile(np.arange(5), 4), np.arange(480) % 5]
    gate = judge(make_analysis(y, y, columns={"blur": blur}), max_spread=["1=0.1"])[0]
    assert gate.status == "inconclusive"
    assert (gate.n, gate.n_needed, gate.n_total) == (20, 50, 1_250)
    assert gate.rows[0].reason == "fewer than 3 ranges with 10 images of the class"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("cracks=0.1", "max-spread: expected a class among all, ok, crack, got cracks"),
        ("crack:blurr=0.1", "max-spread: expected a feature among blur, camera, got blurr"),
    ],
)
def test_unknown_names_of_a_spread(make_analysis, given: str, message: str):
    with pytest.raises(OptionError, match=message):
        judge(result(make_analysis), max_spread=[given])


# max-drop


def worse(make_analysis, analysis, share: float, seed: int = 1):
    """The same images, some right calls of cracks turned wrong."""
    rng = np.random.default_rng(seed)
    truth, called = (
        (analysis.outcomes[key] == "crack").to_numpy().astype(int) for key in ("class", "predicted")
    )
    turned = (truth == called) & (rng.random(len(truth)) < share)
    return make_analysis(
        np.where(turned, 1 - truth, called),
        truth,
        list(analysis.outcomes["name"]),
        classes=CLASSES,
        columns={"blur": analysis.features["blur"]},
    )


@pytest.mark.parametrize(
    ("share", "limit", "status"),
    [(0.0, 0.02, "pass"), (0.15, 0.02, "fail"), (0.02, 0.02, "inconclusive"), (0.15, 0.4, "pass")],
)
def test_max_drop_of_the_same_images(make_analysis, share: float, limit: float, status: str):
    old = result(make_analysis, n=2_000)
    gate = judge(worse(make_analysis, old, share), max_drop=[limit], old=old)[0]
    assert gate.status == status
    assert gate.n_judged == 3
    assert gate.notes[0] == "paired: 2,000 images are in both results"


def test_a_gain_is_no_drop(make_analysis):
    old = result(make_analysis, n=2_000)
    new = worse(make_analysis, old, 0.1)
    assert judge(old, max_drop=[0.02], old=new)[0].status == "pass"
    assert judge(old, max_drop=[0.02], old=new)[0].value < 0


def test_other_images_are_compared_by_their_intervals(make_analysis):
    old = result(make_analysis, n=2_000)
    new = worse(make_analysis, old, 0.01)
    renamed = replace(new, outcomes=new.outcomes.assign(name=new.outcomes["name"] + "x"))
    alone = replace(new, outcomes=new.outcomes.iloc[:0], features=new.features.iloc[:0])
    paired = judge(new, max_drop=[0.02], old=old)[0]
    for other in (renamed, alone):
        gate = judge(other, max_drop=[0.02], old=old)[0]
        assert gate.notes[0].startswith("not paired")
        assert gate.value == pytest.approx(paired.value)
        assert gate.high - gate.low > 2 * (paired.high - paired.low)


def test_one_class_alone(make_analysis):
    old = result(make_analysis, n=2_000)
    new = worse(make_analysis, old, 0.15)
    gates = judge(new, max_drop=["all=0.02", "crack=0.5"], old=old)
    assert [(gate.status, gate.n_judged) for gate in gates] == [("fail", 1), ("pass", 1)]
    assert gates[0].what == "accuracy: no more than 0.02 below the earlier result"
    with pytest.raises(OptionError, match="max-drop: expected a class among all, ok, crack"):
        judge(new, max_drop=["cracks=0.02"], old=old)


def test_one_row_of_many_does_not_fail_by_chance(make_analysis):
    """200 classes, models equally good: some classes drop by far more than the limit."""
    rng = np.random.default_rng(2)
    y = np.repeat(np.arange(200), 40)
    classes = [str(c) for c in range(200)]
    called = [np.where(rng.random(8_000) < 0.8, y, (y + 1) % 200) for _ in range(2)]
    old, new = (make_analysis(x, y, classes=classes) for x in called)
    gate = judge(new, max_drop=[0.02], old=old)[0]
    assert gate.status == "inconclusive"
    beyond = [row for row in gate.rows if row.low > 0.02]
    assert beyond
    assert all("not as one of 201 rows" in row.reason for row in beyond)
    assert all(row.n_needed > row.n for row in gate.rows if row.n_needed)


def test_drop_asks_for_as_many_images_as_decide(make_analysis):
    old = result(make_analysis, n=2_000)
    new = worse(make_analysis, old, 0.02)
    gate = judge(new, max_drop=["crack=0.02"], old=old)[0]
    assert gate.status == "inconclusive"
    bound = gate.high if gate.value < 0.02 else gate.low
    assert gate.n_total == math.ceil(2_000 * ((bound - gate.value) / (0.02 - gate.value)) ** 2)


def test_classes_must_be_the_same(make_analysis):
    old = make_analysis([0, 1], [0, 1], classes=("ok", "scratch"))
    with pytest.raises(InputError, match="only in the first: scratch; only in the second: crack"):
        judge(result(make_analysis), max_drop=[0.02], old=old)


def test_drop_needs_an_earlier_result(make_analysis):
    with pytest.raises(OptionError, match="max-drop: expected the earlier result"):
        judge(result(make_analysis), max_drop=[0.02])


# Together


def test_no_gate_is_an_error(make_analysis):
    with pytest.raises(OptionError, match="gates: expected at least one"):
        judge(result(make_analysis))


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (["ok=0.1"], "pass"),
        (["ok=0.1", "crack=0.82"], "inconclusive"),
        (["crack=0.82", "ok=0.1", "crack=0.99"], "fail"),
    ],
)
def test_fail_beats_inconclusive_beats_pass(make_analysis, limits: list[str], expected: str):
    gates = judge(result(make_analysis), min_f1=limits)
    assert [gate.name for gate in gates] == [f"min-f1 {limit}" for limit in limits]
    assert worst_status(gates) == expected


def test_as_a_dict_it_says_class(make_analysis):
    found = judge(result(make_analysis), min_f1=["crack=0.99"])[0].to_dict()
    assert found["status"] == "fail"
    assert found["rows"][0]["class"] == "crack"
    assert "class_name" not in found["rows"][0]


def test_several_labels_per_image_are_not_compared_one_by_one(make_analysis):
    y = np.array([0, 1] * 50)
    a = make_analysis(y, y, task="multi_label_classification")
    with pytest.raises(InputError, match="task: expected results of image_classification"):
        match(a, a)
    with pytest.raises(InputError, match="task: expected the same in both results"):
        match(a, make_analysis(y, y))
    gate = judge(a, max_drop=[0.2], old=a)[0]
    assert (gate.status, gate.notes[0][:10]) == ("pass", "not paired")
