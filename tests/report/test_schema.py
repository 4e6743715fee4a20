import copy
import dataclasses
import json

import jsonschema
import numpy as np
import pytest

from sensitivity import tables
from sensitivity.report.modelarts import layout
from sensitivity.report.schema import SCHEMA_FILE, result_schema, schema_text

VALIDATOR = jsonschema.Draft202012Validator(result_schema())

CASES = {
    "binary": {},
    "many classes": {"classes": 12, "n": 1500},
    "no scores": {"scores": False},
    "one class": {"classes": 1, "scores": False, "label_map_dict": {0: "only", 1: "unseen"}},
    "no feature": {"columns": {}},
    "categories": {"columns": {"site": np.repeat(["a", "b", "屋顶"], 200)}},
    "missing": {"columns": {"x": np.r_[np.arange(400.0), np.full(200, np.nan)]}},
    "all missing": {"columns": {"x": np.full(600, np.nan)}},
    "custom metric": {"custom_metric": {"fps": {"value": {"fps": 31.0}}}, "op_list": ["accuracy"]},
    "given edges": {"columns": {"x": np.arange(600.0)}, "edges": {"x": [100, 700, 800]}},
}


@pytest.fixture(scope="module")
def file(two, tmp_path_factory):
    path = two.analysis.save(tmp_path_factory.mktemp("out"), layout=layout(two.analysis))
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_published_file_is_what_the_tables_give():
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text()


def test_it_is_a_schema_and_names_no_host():
    jsonschema.Draft202012Validator.check_schema(result_schema())
    without = schema_text().replace("https://json-schema.org/draft/2020-12/schema", "")
    assert "http" not in without


def test_every_column_of_every_small_table_is_in_it():
    listed = result_schema()["$defs"]["result"]["properties"]["tables"]["properties"]
    for schema in tables.TABLES:
        if schema.name in tables.PER_IMAGE:
            assert schema.name not in listed
        else:
            assert tuple(listed[schema.name]["properties"]) == schema.names


@pytest.mark.parametrize("name", CASES)
def test_real_files_are_valid(name, build_case, tmp_path):
    analysis = build_case(**CASES[name]).analysis
    path = analysis.save(tmp_path, layout=layout(analysis))
    VALIDATOR.validate(json.loads(path.read_text(encoding="utf-8")))


def test_failures_are_valid(two, tmp_path):
    import pandas as pd

    failures = pd.DataFrame(
        [{"name": "a.png", "stage": "read", "status": "missing", "reason": "no such file"}]
    )
    analysis = dataclasses.replace(two.analysis, failures=failures)
    path = analysis.save(tmp_path, layout=layout(analysis))
    VALIDATOR.validate(json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("identity", [True, False])
def test_a_remedy_is_valid(two, make_remedy, tmp_path, identity):
    analysis = dataclasses.replace(two.analysis, remedy=make_remedy(identity=identity))
    path = analysis.save(tmp_path, layout=layout(analysis))
    content = json.loads(path.read_text(encoding="utf-8"))
    VALIDATOR.validate(content)
    content["sensitivity"]["remedy"]["policy"]["pool"] = "max"
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(content)


def _lose_locale(content):
    del content["zh-cn"]


def _lose_section(content):
    del content["en-us"]["adversary"]


def _foreign_section(content):
    content["en-us"]["extra"] = {}


def _lose_result(content):
    del content["sensitivity"]


def _newer(content):
    content["sensitivity"]["schema_version"] += 1


def _lose_column(content):
    del content["sensitivity"]["tables"]["bins"]["low_support"]


def _foreign_column(content):
    content["sensitivity"]["tables"]["trends"]["stars"] = []


def _text_for_number(content):
    content["sensitivity"]["tables"]["bins"]["value"][0] = "0.9"


def _null_for_integer(content):
    content["sensitivity"]["tables"]["confusion"]["n"][0] = None


def _lose_setting(content):
    del content["sensitivity"]["settings"]["classes"]


def _wrong_stamp(content):
    content["sensitivity"]["files"]["features"]["sha256"] = "unknown"


def _lose_title(content):
    del content["en-us"]["precision_performance"]["accuracy"]["title"]


def _table_without_rows(content):
    (table,) = content["en-us"]["feature_sensitivity"]["sharpness"]["table"].values()
    del table["row_labels"]


def _point_of_three(content):
    (chart,) = content["en-us"]["feature_sensitivity"]["sharpness"]["line_chart"].values()
    next(iter(chart["curve"].values()))[0].append(1.0)


def _null_in_pie(content):
    (pie,) = content["zh-cn"]["precision_performance"]["class_distribution"]["pie_chart"].values()
    pie["value"][0] = None


WRONGS = (
    _lose_locale,
    _lose_section,
    _foreign_section,
    _lose_result,
    _newer,
    _lose_column,
    _foreign_column,
    _text_for_number,
    _null_for_integer,
    _lose_setting,
    _wrong_stamp,
    _lose_title,
    _table_without_rows,
    _point_of_three,
    _null_in_pie,
)


@pytest.mark.parametrize("spoil", WRONGS)
def test_wrong_files_are_not_valid(spoil, file):
    assert VALIDATOR.is_valid(file)
    content = copy.deepcopy(file)
    spoil(content)
    assert not VALIDATOR.is_valid(content)
