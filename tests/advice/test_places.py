import pytest

from sensitivity.advice.places import Scale, place, scales, value_ranges

NUMERIC = {"kind": "numeric", "minimum": 0.0, "maximum": 100.0}


def scale(labels, *, kind="numeric", highs=None):
    ranges = value_ranges(labels, highs or [10.0 * k + 10 for k in range(len(labels))], NUMERIC)
    return Scale(("x", "某特征"), kind, tuple(labels), tuple(ranges if kind == "numeric" else ()))


@pytest.mark.parametrize(
    ("labels", "code", "english", "chinese"),
    [
        (["0%-50%", "50%-100%"], 0, "in the lowest half (0–10)", "最低的一半（0–10）"),
        (
            ["0%-33%", "33%-67%", "67%-100%"],
            2,
            "in the highest third (20–100)",
            "最高的三分之一（20–100）",
        ),
        (["0%-71%", "71%-100%"], 0, "in the lowest 71 % (0–10)", "最低的71%（0–10）"),
        (["0%-50.0%", "50.0%-50.3%", "50.3%-100%"], 2, "in the highest 49.7 % (20–100)", None),
        (
            ["0%-33%", "33%-67%", "67%-100%"],
            1,
            "in the range 33–67 % (10–20)",
            "33%–67%区间（10–20）",
        ),
        (["6", "12", "-1e-05"], 2, "at -1e-05", "取值-1e-05"),
        (["up to 7", "7 to 12", "above 12"], 1, "where it is 7 to 12", "大于 7 且不超过 12"),
        (["up to 7", "7 to 12", "above 12"], 2, "where it is above 12", "大于 12"),
    ],
)
def test_a_bin_in_words(labels, code, english, chinese):
    assert place(scale(labels), code, "en") == english
    if chinese:
        assert place(scale(labels), code, "zh") == chinese


@pytest.mark.parametrize("name", ["north", "屋顶", "0%-20%", "up to 7"])
def test_a_category_keeps_its_name_whatever_it_looks_like(name):
    cameras = scale([name, "other"], kind="categorical")
    assert place(cameras, 0, "en") == f"for {name}"
    assert place(cameras, 0, "zh") == name


def test_ranges_with_negative_bounds_have_no_dash():
    entry = {"kind": "numeric", "minimum": -5.0, "maximum": 5.0}
    ranges = value_ranges(["0%-50%", "50%-100%"], [-1.0, None], entry)
    found = Scale(("x", "x"), "numeric", ("0%-50%", "50%-100%"), tuple(ranges))
    assert place(found, 0, "en") == "in the lowest half (-5 … -1)"
    assert place(found, 1, "en") == "in the highest half (-1 … 5)"


def test_unknown_ends_are_left_open():
    entry = {"kind": "numeric", "minimum": float("-inf"), "maximum": None}
    ranges = value_ranges(["0%-50%", "50%-100%"], [3.0, None], entry)
    found = Scale(("x", "x"), "numeric", ("0%-50%", "50%-100%"), tuple(ranges))
    assert place(found, 0, "en") == "in the lowest half (≤ 3)"
    assert place(found, 1, "zh") == "最高的一半（> 3）"


def test_labels_that_name_values_have_no_ranges():
    assert value_ranges(["6", "12"], [6.0, 12.0], NUMERIC) == []
    assert value_ranges(["0%-50%"], [1.0], {"kind": "categorical"}) == []


def test_features_are_called_by_their_titles_and_columns_by_their_names(made):
    found = scales(made({}, {"feature": "dose"}, {"feature": "camera"}))
    assert (found["sharpness"].title("en"), found["sharpness"].title("zh")) == ("clarity", "清晰度")
    assert found["dose"].title("en") == "dose"
    assert found["camera"].ranges == ()
    assert found["sharpness"].ranges[0] == ("0", "12.3")


def test_a_column_s_capital_is_kept(made):
    analysis = made({"feature": "dose"})
    analysis.settings["features"][0]["title_en"] = "Dose"
    assert scales(analysis)["dose"].title("en") == "Dose"
