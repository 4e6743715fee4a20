import pytest

from sensitivity.report.charts import confusion


def square(n, value=1):
    return {
        "classes": [f"class {i}" for i in range(n)],
        "counts": [[50 if i == j else value for j in range(n)] for i in range(n)],
    }


def test_a_row_is_a_true_class(example, parse, of_class):
    root = parse(confusion(example("confusion")))
    told = [[f.find("title").text for f in of_class(row, "field")] for row in of_class(root, "row")]
    assert told == [
        ["ok → ok: 90 (90.0%)", "ok → defect: 10 (10.0%)"],
        ["defect → ok: 0 (0.0%)", "defect → defect: 7 (100.0%)"],
    ]


def test_shades_are_shares_of_the_true_class(example, parse, of_class):
    rows = of_class(parse(confusion(example("confusion"))), "row")
    names = [[field.get("class") for field in of_class(row, "field")] for row in rows]
    assert names == [
        ["field level5 right", "field level2"],
        ["field level0", "field level5 right"],
    ]


@pytest.mark.parametrize(("n", "numbers"), [(2, True), (12, True), (13, False), (40, False)])
def test_counts_are_written_while_they_can_be_read(n, numbers, example, parse, words):
    root = parse(confusion(example("confusion", **square(n))))
    assert ("50" in words(root)) == numbers
    assert all(f"class {i}" in words(root) for i in range(n))


def test_what_never_happened_takes_no_room_in_a_large_one(example, parse, of_class):
    root = parse(confusion(example("confusion", **square(40, 0))))
    assert len(of_class(root, "field", "right")) == 40
    assert all(len(of_class(row, "field")) == 2 for row in of_class(root, "row"))


def test_a_class_without_images_has_a_row(example, parse, of_class):
    root = parse(confusion(example("confusion", counts=[[0, 0], [1, 2]])))
    first = of_class(root, "row")[0]
    assert [f.get("class") for f in of_class(first, "field")] == [
        "field level0 right",
        "field level0",
    ]
