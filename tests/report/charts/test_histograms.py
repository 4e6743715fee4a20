import pytest

from sensitivity.report.charts import distribution


def heights(root, of_class):
    return [float(bar.get("height")) for bar in of_class(root, "bar")]


def test_bars_are_as_high_as_their_counts(example, parse, of_class):
    found = heights(parse(distribution(example("distribution"))), of_class)
    assert found == pytest.approx([found[1] / 3, found[1], 0, found[1] * 2 / 3], abs=0.2)


def test_bars_stand_on_one_ground_from_edge_to_edge(example, parse, of_class):
    bars = of_class(parse(distribution(example("distribution"))), "bar")
    grounds = {float(bar.get("y")) + float(bar.get("height")) for bar in bars}
    assert max(grounds) - min(grounds) < 0.2
    starts = [float(bar.get("x")) for bar in bars]
    assert starts[2] - starts[1] == pytest.approx(starts[1] - starts[0], abs=0.2)


def test_bins_are_cut_where_they_are(example, parse, of_class):
    root = parse(distribution(example("distribution")))
    bars, cuts = of_class(root, "bar"), of_class(root, "cut")
    assert [cut.find("title").text for cut in cuts] == ["8.0", "20.0"]
    x = float(cuts[0].get("d")[1:].split()[0])
    assert float(bars[1].get("x")) < x < float(bars[2].get("x"))


def test_categories_have_labels_instead(example, parse, of_class, words):
    told = example("distribution", labels=["a", "b", "屋顶", "d"])
    root = parse(distribution(told))
    assert [word for word in words(root) if word in {"a", "b", "屋顶", "d"}] == told["labels"]
    assert heights(root, of_class)[2] == 0
    assert not of_class(root, "cut")


def test_one_value_is_one_bar(example, parse, of_class):
    told = example("distribution", counts=[7], edges=[3, 3], bin_edges=[])
    assert len(heights(parse(distribution(told)), of_class)) == 1


def test_counts_have_no_decimals_on_the_axis(example, parse, words):
    told = example("distribution", counts=[1, 0, 0, 1])
    assert words(parse(distribution(told)))[:4] == ["images", "0", "1", "0"]
