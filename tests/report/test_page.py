"""The report as HTML: what its text is, and that nothing but its own script can run."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from sensitivity import Analysis, analyse
from sensitivity.advice.facts import collect
from sensitivity.advice.ranges import weak_ranges
from sensitivity.report.content import content
from sensitivity.report.content.words import WORDS
from sensitivity.report.page import page
from sensitivity.report.samples import samples


class Read(HTMLParser):
    """Elements with their attributes, and the text of styles and scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.raw: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.cdata_elem is not None:
            self.raw.append((self.cdata_elem, data))
        else:
            self.words.append(data)

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def written(analysis: Any, **options: Any) -> tuple[Mapping[str, Any], str]:
    told = content(analysis, **options)
    return told, page(told, samples(analysis, told["features"]))


def data_of(text: str) -> dict[str, Any]:
    return json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1])


def test_a_histogram_says_what_its_last_bars_hold(two: Any) -> None:
    told, made = written(two.analysis)
    caption = WORDS["chart.clipped"][0]
    clipped = sum(bool((each["distribution"] or {}).get("clipped")) for each in told["features"])
    assert Read(made).text().count(caption) == clipped > 0
    for feature in told["features"]:
        feature["distribution"]["clipped"] = False
    assert caption not in page(told, samples(two.analysis, told["features"]))


def test_no_spread_is_no_number(three: Any) -> None:
    told = content(three.analysis)
    for feature in told["features"]:
        for panel in feature["panels"]:
            panel |= {"strength": "real", "spread": 0.1, "spread_low": None}
    made = Read(page(told, samples(three.analysis, told["features"]))).text()
    assert re.search(r"spread[^·]* \+10\.0 ·", made)
    assert "at least –" not in made
    for feature in told["features"]:
        for panel in feature["panels"]:
            panel["spread"] = None
    assert "spread –" not in Read(page(told, samples(three.analysis, told["features"]))).text()


def test_what_is_not_shown_is_counted_and_can_be_chosen(twelve: Any) -> None:
    told, made = written(twelve.analysis)
    hidden = [len(each["panels"]) - each["n_open"] for each in told["features"]]
    assert any(hidden)
    for n in filter(None, hidden):
        assert f"Classes not shown here: {n}. Choose one under Class, above." in made


@pytest.fixture(scope="module")
def three_page(three: Any) -> str:
    return written(three.analysis)[1]


def test_the_policy_names_the_style_and_the_script_that_are_there(three_page: str) -> None:
    read = Read(three_page)
    policy = read.of("meta")[1]["content"]
    inlined = [text for tag, text in read.raw]
    digests = [
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for text in (inlined[0], inlined[-1])
    ]
    assert f"style-src 'sha256-{digests[0]}';" in policy
    assert f"script-src 'sha256-{digests[1]}';" in policy
    assert policy.startswith("default-src 'none'; img-src data:;")
    assert "unsafe" not in policy
    assert [tag for tag, _ in read.raw] == ["style", "script", "script"]


def test_no_part_is_left_over_from_making_it(three_page: str) -> None:
    shown = Read(three_page).text()
    for sign in ("<<<", ">>>", "{{", "{%", "===", "None", "Undefined", "nan"):
        assert sign not in shown, sign


def test_no_element_carries_style_script_or_a_foreign_address(three_page: str) -> None:
    read = Read(three_page)
    for tag, attributes in read.elements:
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            assert name != "style", tag
            if name in ("href", "src", "action"):
                assert value.startswith("#"), (tag, value)
    assert not {"iframe", "object", "embed", "link", "base"} & {tag for tag, _ in read.elements}


def test_every_link_within_leads_somewhere(three_page: str) -> None:
    read = Read(three_page)
    ids = [attributes["id"] for _, attributes in read.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {link["href"][1:] for link in read.of("a")} <= set(ids)
    labelled = {a["aria-labelledby"] for _, a in read.elements if "aria-labelledby" in a}
    assert labelled <= set(ids)


def test_the_data_are_json_without_markup(three: Any, three_page: str) -> None:
    block = re.search(r'id="data">(.*?)</script>', three_page, re.DOTALL)[1]
    assert not re.search("[<>&\u2028\u2029]", block)
    data = json.loads(block)
    assert data["classes"] == ["正常", "划痕", "隐裂"]
    assert set(data["bins"]) == {feature["id"] for feature in data["features"]}
    names = set(three.analysis.features["name"])
    assert {image[0] for image in data["images"]} <= names


def test_the_script_has_all_the_words_it_asks_for(three_page: str) -> None:
    script = Read(three_page).raw[-1][1]
    asked = set(re.findall(r'words(?:\.(\w+)|\[["`]([\w.$\{\}]+)["`]\])', script))
    keys = {one or other for one, other in asked} - {"samples.${role}"}
    keys |= {f"samples.{role}" for role in ("wrong", "right", "confident")}
    assert keys <= set(data_of(three_page)["words"])
    assert keys <= set(WORDS)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_sentence_of_the_content_is_on_the_page(three: Any, lang: str) -> None:
    told, text = written(three.analysis, lang=lang)
    shown = Read(text).text()
    assert told["headline"] in shown
    for feature in told["features"]:
        for row in feature["panels"]:
            assert " ".join(row["sentence"].split()) in shown
    for found in told["findings"]:
        assert found["sentence"] in shown


def test_a_finding_in_false_calls_is_drawn_in_them(called: Any) -> None:
    told, text = written(called)
    (found,) = [found for found in told["findings"] if found["class"] == "2"]
    assert "recall" not in found["sentence"].lower()
    panel = next(row for row in told["features"][0]["panels"] if row["class"] == "2")
    assert panel["recall"] is None
    assert "false positive rate of 2 over the bins of sharpness" in text
    assert "recall of 2 over the bins" not in text


def test_false_calls_are_drawn_where_the_class_has_no_image(tmp_path: Any) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.random(6000), rng.integers(0, 3, 6000)
    y[(x > 0.78) & (y == 2)] = 0
    called = np.where(rng.random(6000) < 0.05, (y + 1) % 3, y)
    called[rng.random(6000) < 0.02 + 0.25 * np.clip(x - 0.6, 0, 1)] = 2
    found = analyse(
        called, y, [f"{i}.png" for i in range(6000)],
        columns={"x": x}, features=(), save_path=tmp_path,
    )  # fmt: skip
    panel = next(row for row in written(found)[0]["features"][0]["panels"] if row["class"] == "2")
    values = panel["calls"]["value"]
    top = (x > found.edges["x"][-1]) & (y != 2)
    assert values[-1] == max(values) == round(float((called[top] == 2).mean()), 4)
    told = f"{100 * values[-1]:.0f} % in the highest fifth"
    assert told in panel["sentence"]
    assert f"false calls {100 * values[-1]:.0f} %, else" in found._repr_html_()
    # The file alone does not say how many they are there: nothing is told of the other bins.
    (tmp_path / "tables" / "outcomes.parquet").unlink()
    alone = Analysis.load(tmp_path)
    panel = next(row for row in written(alone)[0]["features"][0]["panels"] if row["class"] == "2")
    assert panel["calls"]["value"] == [*values[:-1], None]
    assert "fifth" not in panel["sentence"]
    (facts,) = (f for f in collect(alone, alone.trends) if f.name == "2")
    assert weak_ranges(alone, facts, "false_calls") == ()
    (facts,) = (f for f in collect(found, found.trends) if f.name == "2")
    assert weak_ranges(found, facts, "false_calls")[-1].high is None


def test_names_are_text(build_case: Any) -> None:
    bad = "</script><script>alert(1)</script>"
    case = build_case(label_map_dict={0: bad, 1: '"><b>&amp;'}, columns={f"<i>{bad}": range(600)})
    told, text = written(case.analysis, command=f"say '{bad}'")
    read = Read(text)
    assert len(read.of("script")) == 2
    assert not read.of("b") or all("alert" not in word for word in read.raw[-1])
    assert html.escape(bad) in text
    assert data_of(text)["classes"] == [bad, '"><b>&amp;']
    assert told["run"]["classes"] == [bad, '"><b>&amp;']


def test_null_data_say_that_nothing_was_found(null: Any) -> None:
    told, text = written(null.analysis)
    shown = Read(text).text()
    assert told["findings"] == []
    assert "Nothing told from chance" in shown
    assert 'class="card v-' not in text


def test_without_features_the_page_says_what_there_is(build_case: Any) -> None:
    told, text = written(build_case(columns={}).analysis)
    shown = Read(text).text()
    assert told["features"] == []
    assert "No image was opened." in shown
    assert 'id="features"' not in text
    assert 'id="map"' not in text


def test_the_same_result_makes_the_same_page(two: Any) -> None:
    assert written(two.analysis)[1] == written(two.analysis)[1]
