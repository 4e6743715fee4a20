import pytest

from sensitivity.report.charts import shares


def test_parts_are_as_high_as_their_shares_and_fill_the_stack(example, parse, of_class):
    dark, bright = of_class(parse(shares(example("shares"))), "stack")
    first, second = ([float(p.get("height")) for p in of_class(s, "part")] for s in (dark, bright))
    assert first[0] == pytest.approx(3 * first[1], abs=0.3)
    assert sum(first) == pytest.approx(sum(second), abs=0.3)


def test_an_empty_bin_has_no_stack_but_a_label(example, parse, of_class, words):
    root = parse(shares(example("shares")))
    assert len(of_class(root, "stack")) == 2
    assert "missing" in words(root)


def test_parts_bear_the_letter_of_their_class(example, parse, words):
    shown = words(parse(shares(example("shares"))))
    assert {"A ok", "B defect", "A 75%", "B 25%", "A 40%", "B 60%"} <= set(shown)


def test_narrow_or_low_parts_bear_less(example, parse, words):
    many = example("shares", bins=["x"] * 20, shares=[[0.95, 0.05]] * 20)
    shown = words(parse(shares(many)))
    assert "A" in shown
    assert "B" not in shown


def test_eight_classes_have_eight_looks(example, parse, of_class):
    told = example("shares", bins=["x"], classes=list("abcdefgh"), shares=[[0.125] * 8])
    parts = of_class(parse(shares(told)), "part", tag="rect")
    assert {part.get("class") for part in parts} == {f"part c{i}" for i in range(1, 9)}
