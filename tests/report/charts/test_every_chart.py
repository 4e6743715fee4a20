"""What holds for all of them."""

import json
import re
from importlib.resources import files

import pytest

from sensitivity.report import charts

CSS = (files("sensitivity.report") / "static" / "charts.css").read_text("utf-8")

EMPTY = {
    "changes": {"rows": []},
    "confusion": {"counts": [[0, 0], [0, 0]]},
    "curves": {"lines": [{"name": "a", "x": [None], "y": [float("nan")], "note": ""}]},
    "distribution": {"counts": [0, 0, 0, 0]},
    "heat_map": {"spread": [[None, None], [None, float("nan")]]},
    "pareto": {"points": [{"name": "a", "x": 1, "y": None, "kind": "front"}]},
    "response": {key: {"x": [], "y": [], "low": [], "high": []} for key in ("observed", "moved")},
    "shares": {"shares": [[0, 0], [0, 0], [0, 0]]},
    "trend": {"value": [None, float("nan"), None]},
}

every_chart = pytest.mark.parametrize("name", charts.__all__)


def replaced(value, hostile):
    """The same with every text from the outside hostile; words that choose a look stay."""
    looks = {"real", "candidate", "front", "other", "chosen", "good", "bad", "neutral"}
    match value:
        case str():
            return value if value in looks else hostile
        case dict():
            return {key: replaced(inside, hostile) for key, inside in value.items()}
        case list():
            return [replaced(inside, hostile) for inside in value]
        case _:
            return value


@every_chart
def test_it_says_what_it_is(name, example, parse):
    root = parse(getattr(charts, name)(example(name)))
    assert root.find("title").text == f"a {name}"
    assert root.find("desc").text == f"what the {name} says"


@every_chart
def test_what_comes_from_json_draws_the_same(name, example):
    draw = getattr(charts, name)
    told = example(name)
    assert draw(json.loads(json.dumps(told))) == draw(told)


@every_chart
def test_nothing_to_show_is_said(name, example, parse, words):
    root = parse(getattr(charts, name)(example(name, **EMPTY[name])))
    assert words(root) == ["no data"]


@every_chart
def test_names_from_the_outside_stay_text(name, example, parse, words, hostile):
    drawn = getattr(charts, name)(replaced(example(name), hostile))
    assert "<script" not in drawn
    assert "\u202e" not in drawn
    shown = words(parse(drawn))
    assert all(len(word) < 90 for word in shown)


@every_chart
def test_right_to_left_and_emoji_are_shown_as_they_are(name, example, parse):
    drawn = getattr(charts, name)(replaced(example(name), "חתול 🐈\u200d⬛"))
    assert "חתול" in "".join(parse(drawn).itertext())


@every_chart
def test_every_look_is_in_the_style_sheet(name, example, parse):
    """A class that only names a group, or that a script asks for, has no look of its own."""
    only_names = {"bars", "heads", "labels", "legend", "row", "stack", "bin", "candidate", "real"}
    only_names |= {name, "map", "point", "value", "observed-curve", "moved-curve", "dash1"}
    root = parse(getattr(charts, name)(example(name)))
    classes = {word for node in root.iter() for word in (node.get("class") or "").split()}
    styled = set(re.findall(r"\.([a-z][\w-]*)", CSS))
    assert classes - only_names - styled == set()


def test_colours_are_those_of_the_page():
    palette = {f"c{place}" for place in range(1, 9)}
    allowed = {"ink", "muted", "line", "panel", "accent", "warn", "band"} | palette
    assert set(re.findall(r"var\(--([\w-]+)\)", CSS)) <= allowed
    assert palette <= set(re.findall(r"var\(--([\w-]+)\)", CSS))
    assert not re.search(r"#[0-9a-f]{3}|rgb|url\(|@import", CSS.split("*/", 1)[1])
