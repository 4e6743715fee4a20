import dataclasses
import json
import math

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

from sensitivity.errors import InputError
from sensitivity.report.modelarts import layout
from sensitivity.result import Analysis

SECTIONS = [
    "common",
    "precision_performance",
    "feature_sensitivity",
    "computational_performance",
    "abstract_feature",
    "adversary",
]


def only(mapping):
    (value,) = mapping.values()
    return value


def with_settings(analysis, **changes):
    return dataclasses.replace(analysis, settings={**analysis.settings, **changes})


def leaves(value):
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)
    else:
        yield value


def shape(value):
    """Types and lengths, names of charts left out."""
    if isinstance(value, dict):
        return [shape(item) for item in value.values()]
    if isinstance(value, list):
        return [shape(item) for item in value]
    return type(value)


def test_the_published_table_to_four_decimals(published):
    pages = layout(published)
    chinese = only(pages["zh-cn"]["feature_sensitivity"]["sharpness"]["table"])
    # The numbers and labels of the published page, table 1.
    assert chinese["top_left_cell"] == "特征值分布"
    assert chinese["row_labels"] == [
        "0% - 20%",
        "20% - 40%",
        "40% - 60%",
        "60% - 80%",
        "80% - 100%",
        "标准差",
    ]
    assert chinese["col_labels"] == ["0", "1"]
    assert chinese["cell_value"] == [
        [0.7929, 0.8727],
        [0.8816, 0.7429],
        [0.9363, 0.7229],
        [0.9462, 0.7912],
        [0.9751, 0.7619],
        [0.0643, 0.0523],
    ]
    english = only(pages["en-us"]["feature_sensitivity"]["sharpness"]["table"])
    assert english["row_labels"][-1] == "standard deviation"
    assert english["cell_value"] == chinese["cell_value"]


def test_both_locales_have_the_six_sections_and_one_form(three):
    pages = layout(three.analysis)
    assert list(pages) == ["en-us", "zh-cn"]
    for page in pages.values():
        assert list(page) == SECTIONS
        assert page["computational_performance"] == {}
        assert page["abstract_feature"] == {}
        assert page["adversary"] == {}
        assert list(page["feature_sensitivity"]) == ["sharpness", "brightness", "camera", "hour"]
    assert shape(pages["en-us"]) == shape(pages["zh-cn"])


def test_titles_and_descriptions_are_in_the_locale_s_language(two):
    pages = layout(two.analysis)
    for locale, chinese in (("en-us", False), ("zh-cn", True)):
        for section in pages[locale].values():
            for entry in section.values():
                for words in (entry["title"], entry["description"]):
                    assert any("一" <= char <= "鿿" for char in words) == chinese, words
                    assert "{" not in words


@pytest.mark.parametrize("case", ["two", "three", "twelve"])
def test_values_are_plain_and_strict_json(case, request):
    pages = layout(request.getfixturevalue(case).analysis)
    json.dumps(pages, allow_nan=False)
    assert {type(leaf) for leaf in leaves(pages)} <= {str, int, float, type(None)}


def test_f1_of_each_bin_equals_scikit_learn(three):
    codes = pd.qcut(pd.Series(three.columns["sharpness"]), 5, labels=False)
    expected = [
        metrics.f1_score(three.y[codes == k], three.predicted[codes == k], average=None)
        for k in range(5)
    ]
    table = only(layout(three.analysis)["en-us"]["feature_sensitivity"]["sharpness"]["table"])
    np.testing.assert_allclose(table["cell_value"][:5], expected, atol=5.1e-5)
    np.testing.assert_allclose(table["cell_value"][5], np.std(expected, axis=0), atol=5.1e-5)
    assert table["col_labels"] == ["正常", "划痕", "隐裂"]


def test_an_undefined_cell_is_zero_and_enters_the_std(build_case):
    # In the third range there is neither an image of class 2 nor a prediction of it.
    y = np.array([0, 1, 2] * 40 + [0, 1] * 30)
    site = np.repeat(["a", "b", "c"], 60)
    import sensitivity

    analysis = sensitivity.analyse(
        y, y, [str(i) for i in range(180)], columns={"site": site}, features=(), save_path=None
    )
    assert math.isnan(analysis.table("site").loc["c", "2"])
    table = layout(analysis)["en-us"]["feature_sensitivity"]["site"]["table"]["F1 per range"]
    assert [row[2] for row in table["cell_value"]] == [1.0, 1.0, 0.0, round(np.std([1, 1, 0]), 4)]


def test_confusion_matrix_has_true_classes_as_columns(three):
    entry = layout(three.analysis)["en-us"]["precision_performance"]["confusion_matrix"]
    table = only(entry["table"])
    expected = metrics.confusion_matrix(three.y, three.predicted)
    assert not np.array_equal(expected, expected.T)
    assert table["cell_value"] == expected.T.tolist()
    assert table["row_labels"] == table["col_labels"] == ["正常", "划痕", "隐裂"]


def test_class_metrics_equal_scikit_learn(three):
    page = layout(three.analysis)["en-us"]["precision_performance"]
    table = only(page["precision_recall_f1"]["table"])
    expected = metrics.precision_recall_fscore_support(three.y, three.predicted)
    np.testing.assert_allclose(table["cell_value"], np.transpose(expected[:3]), atol=5.1e-5)
    assert table["col_labels"] == ["Precision", "Recall", "F1"]
    accuracy = metrics.accuracy_score(three.y, three.predicted)
    assert only(page["accuracy"]["value"]) == round(accuracy, 4)
    pie = only(page["class_distribution"]["pie_chart"])
    assert pie == {"label": ["正常", "划痕", "隐裂"], "value": np.bincount(three.y).tolist()}


def test_undefined_precision_and_recall_are_empty(build_case):
    case = build_case(classes=1, scores=False, label_map_dict={0: "only", 1: "unseen"})
    page = layout(case.analysis)["en-us"]["precision_performance"]
    table = only(page["precision_recall_f1"]["table"])
    assert table["row_labels"] == ["only", "unseen"]
    assert table["cell_value"] == [[1.0, 1.0, 1.0], [None, None, None]]
    assert only(page["class_distribution"]["pie_chart"])["value"] == [600, 0]


def test_overall_evaluation_has_the_accuracy_with_its_interval(two):
    entry = layout(two.analysis)["en-us"]["common"]["overall_evaluation"]
    table = only(entry["table"])
    value, low, high = table["cell_value"][table["row_labels"].index("Accuracy")]
    assert low < value < high
    assert value == round(float((two.y == two.predicted).mean()), 4)
    assert entry["value"] == {"Images": 600, "Classes": 2}
    assert "95%" in entry["description"]


def test_overall_evaluation_counts_images_that_could_not_be_measured(two):
    analysis = with_settings(two.analysis, n_failed=20)
    entry = layout(analysis)["zh-cn"]["common"]["overall_evaluation"]
    assert entry["value"]["成功提取特征的图像数"] == 580
    assert entry["value"]["无法提取特征的图像数"] == 20


def test_roc_curves_rise_from_corner_to_corner_with_their_area(three):
    entry = layout(three.analysis)["en-us"]["precision_performance"]["roc_curve"]
    curves = only(entry["line_chart"])["curve"]
    shares = np.exp(three.scores) / np.exp(three.scores).sum(axis=1, keepdims=True)
    for c, name in enumerate(("正常", "划痕", "隐裂")):
        points = np.array(curves[name])
        assert points[0].tolist() == [0, 0]
        assert points[-1].tolist() == [1, 1]
        assert (np.diff(points, axis=0) >= 0).all()
        area = metrics.roc_auc_score(three.y == c, shares[:, c])
        assert entry["value"][name] == round(area, 4)
        assert metrics.auc(points[:, 0], points[:, 1]) == pytest.approx(area, abs=0.01)


def test_without_scores_there_is_no_roc_curve_and_it_says_why(build_case):
    entry = layout(build_case(scores=False).analysis)["en-us"]["precision_performance"]["roc_curve"]
    assert set(entry) == {"title", "description"}
    assert "without scores" in entry["description"]


def test_with_one_class_there_is_no_roc_curve_and_it_says_why(two):
    analysis = dataclasses.replace(two.analysis, roc=two.analysis.roc.head(0))
    entry = layout(analysis)["zh-cn"]["precision_performance"]["roc_curve"]
    assert set(entry) == {"title", "description"}
    assert "没有任何类别" in entry["description"]


def test_above_100_classes_matrix_and_curves_are_left_out_and_it_says_so(build_case):
    analysis = build_case(classes=101, n=1010, columns={"x": np.arange(1010)}).analysis
    page = layout(analysis)["en-us"]["precision_performance"]
    for name in ("confusion_matrix", "roc_curve"):
        assert set(page[name]) == {"title", "description"}
        assert "101 classes" in page[name]["description"]
    assert len(only(page["precision_recall_f1"]["table"])["row_labels"]) == 101
    assert analysis.confusion["n"].sum() == 1010


def test_accuracy_per_range_is_drawn_at_the_share_of_images_up_to_it(two):
    chart = only(layout(two.analysis)["en-us"]["feature_sensitivity"]["sharpness"]["line_chart"])
    points = only(chart["curve"])
    assert [x for x, _ in points] == [20.0, 40.0, 60.0, 80.0, 100.0]
    ranked = np.argsort(two.columns["sharpness"], kind="stable")
    right = (two.y == two.predicted)[ranked].reshape(5, -1).mean(axis=1)
    np.testing.assert_allclose([y for _, y in points], right, atol=5.1e-5)


def test_accuracy_per_value_is_drawn_at_the_value(two):
    chart = only(layout(two.analysis)["en-us"]["feature_sensitivity"]["hour"]["line_chart"])
    assert [x for x, _ in only(chart["curve"])] == [6.0, 12.0, 18.0]
    assert chart["x_axis_name"] == "hour"


def test_given_edges_are_ranges_in_order_and_empty_ones_are_left_out(build_case):
    columns = {"x": np.arange(600.0)}
    case = build_case(columns=columns, edges={"x": [100, 700, 800]})
    pages = layout(case.analysis)
    entry = pages["zh-cn"]["feature_sensitivity"]["x"]
    labels = ["不超过 100", "大于 100 且不超过 700", "大于 700 且不超过 800", "大于 800", "标准差"]
    assert only(entry["table"])["row_labels"] == labels
    assert [x for x, _ in only(only(entry["line_chart"])["curve"])] == [1.0, 2.0]
    assert "大致等量" not in entry["description"]
    assert only(entry["table"])["cell_value"][2] == [0.0, 0.0]


def test_distribution_is_a_histogram_of_all_finite_values(two):
    entry = layout(two.analysis)["en-us"]["feature_sensitivity"]["brightness"]
    chart = only(entry["column_chart"])
    values = two.columns["brightness"]
    assert len(chart["x_value"]) == len(chart["y_value"]) + 1 == 21
    assert sum(chart["y_value"]) == np.isfinite(values).sum()
    assert chart["x_value"][0] == np.nanmin(values)
    assert chart["x_value"][-1] == np.nanmax(values)
    assert (np.diff(chart["x_value"]) > 0).all()


@pytest.mark.parametrize(
    "values",
    [
        1.7e308 * np.linspace(-1, 1, 600),
        np.r_[np.full(300, -np.inf), np.arange(300.0)],
        np.r_[np.ones(300), np.full(300, np.nextafter(1, 2))],
        np.r_[np.full(300, np.inf), np.full(300, -np.inf)],
    ],
)
def test_extreme_values_never_break_strict_json(build_case, values):
    pages = layout(build_case(columns={"x": values}).analysis)
    json.dumps(pages, allow_nan=False)
    entry = pages["en-us"]["feature_sensitivity"]["x"]
    if "column_chart" in entry:
        chart = only(entry["column_chart"])
        assert sum(chart["y_value"]) == np.isfinite(values).sum()
        assert (np.diff(chart["x_value"]) > 0).all()


def test_small_values_keep_their_place_on_the_axis(build_case):
    values = np.repeat([1e-7, 2e-7, 3e-7], 200)
    entry = layout(build_case(columns={"x": values}).analysis)["en-us"]["feature_sensitivity"]["x"]
    assert [x for x, _ in only(only(entry["line_chart"])["curve"])] == [1e-7, 2e-7, 3e-7]


def test_categories_have_a_pie_and_an_accuracy_table(two):
    entry = layout(two.analysis)["en-us"]["feature_sensitivity"]["camera"]
    assert "line_chart" not in entry
    assert "column_chart" not in entry
    names, counts = np.unique(two.columns["camera"], return_counts=True)
    assert only(entry["pie_chart"]) == {"label": names.tolist(), "value": counts.tolist()}
    table = entry["table"]["Accuracy per value"]
    right = two.y == two.predicted
    expected = [
        [round(float(right[two.columns["camera"] == name].mean()), 4), int(n)]
        for name, n in zip(names, counts, strict=True)
    ]
    assert table["cell_value"] == expected


def test_missing_values_are_counted_in_words_and_no_row(two):
    entry = layout(two.analysis)["en-us"]["feature_sensitivity"]["brightness"]
    assert len(only(entry["table"])["row_labels"]) == 6
    n = int(np.isnan(two.columns["brightness"]).sum())
    assert entry["description"].endswith(f"not part of it: {n}.")
    sharpness = layout(two.analysis)["zh-cn"]["feature_sensitivity"]["sharpness"]
    assert "没有特征值" not in sharpness["description"]


def test_a_result_read_back_gives_the_same_page(two, tmp_path):
    two.analysis.save(tmp_path)
    assert layout(Analysis.load(tmp_path)) == layout(two.analysis)


def test_without_the_per_image_tables_only_the_histogram_is_left_out(two, tmp_path):
    file = two.analysis.save(tmp_path)
    for table in (tmp_path / "tables").iterdir():
        table.unlink()
    entries = layout(Analysis.load(file))["en-us"]["feature_sensitivity"]
    whole = layout(two.analysis)["en-us"]["feature_sensitivity"]
    assert "column_chart" not in entries["sharpness"]
    for name, entry in whole.items():
        assert entries[name] == {key: part for key, part in entry.items() if key != "column_chart"}


def test_measured_features_bear_the_service_s_titles(two):
    features = [{**entry, "source": "image"} for entry in two.analysis.settings["features"]]
    pages = layout(with_settings(two.analysis, features=features))
    assert pages["zh-cn"]["feature_sensitivity"]["sharpness"]["title"] == "图像清晰度敏感度分析"
    assert (
        pages["en-us"]["feature_sensitivity"]["sharpness"]["title"] == "Image clarity sensitivity"
    )
    own = layout(two.analysis)["zh-cn"]["feature_sensitivity"]["sharpness"]["title"]
    assert own == "sharpness敏感度分析"


def test_without_features_the_section_is_empty(build_case):
    assert layout(build_case(columns={}).analysis)["en-us"]["feature_sensitivity"] == {}


def test_operation_names_are_snake_case_and_distinct(build_case):
    columns = {name: np.arange(600) for name in ("Camera ID", "camera-id", "noiseLevel", "时段")}
    entries = layout(build_case(columns=columns).analysis)["en-us"]["feature_sensitivity"]
    assert list(entries) == ["camera_id", "camera_id_2", "noise_level", "时段"]


def test_op_list_keeps_the_operations_it_names(two):
    analysis = with_settings(two.analysis, op_list=["sharpness", "accuracy"])
    page = layout(analysis)["en-us"]
    assert list(page) == SECTIONS
    assert list(page["precision_performance"]) == ["accuracy"]
    assert list(page["feature_sensitivity"]) == ["sharpness"]
    assert page["common"] == {}


def test_op_list_takes_a_feature_by_its_own_name(build_case):
    case = build_case(columns={"Camera ID": np.arange(600), "x": np.arange(600)})
    analysis = with_settings(case.analysis, op_list=["Camera ID"])
    assert list(layout(analysis)["en-us"]["feature_sensitivity"]) == ["camera_id"]


def test_op_list_may_name_a_feature_that_was_skipped(build_case):
    case = build_case(columns={"x": np.arange(600), "site": ["one"] * 600})
    analysis = with_settings(case.analysis, op_list=["site"])
    assert layout(analysis)["en-us"]["feature_sensitivity"] == {}


@pytest.mark.parametrize("op_list", [["clarity"], ["accuracy", "clarity"], "accuracy"])
def test_op_list_with_an_unknown_name_is_refused(two, op_list):
    with pytest.raises(InputError, match="op_list: expected"):
        layout(with_settings(two.analysis, op_list=op_list))


@pytest.mark.parametrize("op_list", [None, [], ()])
def test_an_empty_op_list_keeps_all(two, op_list):
    assert layout(with_settings(two.analysis, op_list=op_list)) == layout(two.analysis)


def test_custom_metrics_are_kept_whatever_the_op_list_says(two):
    custom = {"fps": {"value": {"fps": 31.0}}}
    analysis = with_settings(two.analysis, op_list=["accuracy"], custom_metric=custom)
    for page in layout(analysis).values():
        assert page["common"]["fps"]["value"] == {"fps": 31.0}
