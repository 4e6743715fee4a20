"""A page for CI: under its limit, honest about what is left out, harmless whatever the names."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from sensitivity import analyse
from sensitivity.advice.overview import headline
from sensitivity.errors import OptionError
from sensitivity.gates import judge
from sensitivity.records import FAIL, PASS, Gate, GateRow
from sensitivity.report.github import MOST_BYTES, escaped, step_summary
from sensitivity.result import Analysis

HOSTILE = (
    "<script>alert(1)</script>",
    "a|b",
    "[x](https://x.y) www.x.y me@x.y",
    "`code` **bold** $a$ :tada: #1",
    "two\nlines\u202e\x1b[31m",
)


def made(names=("ok", "crack"), n: int = 2_000, *, fall: float = 0.5, columns=("blur",)):
    rng = np.random.default_rng(0)
    k = len(names)
    y, blur = rng.integers(0, k, n), rng.random(n)
    wrong = rng.random(n) < 0.08 + fall * blur * (y == 1)
    return analyse(
        np.where(wrong, (y + 1) % k, y),
        y,
        [f"{i}.png" for i in range(n)],
        label_map_dict=dict(enumerate(names)),
        columns=dict.fromkeys(columns, blur),
        features=(),
        save_path=None,
    )


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return made()


@pytest.fixture(scope="module")
def hostile() -> Analysis:
    return made(HOSTILE, columns=("<img src=x onerror=alert(1)>",))


def parts(page: str) -> dict[str, list[str]]:
    """Title of each part, and its lines that are not empty."""
    found = re.split(r"^### (.*)$", page, flags=re.MULTILINE)
    return {
        title: [line for line in body.splitlines() if line]
        for title, body in zip(found[1::2], found[2::2], strict=True)
    }


def gate(name: str = "min-f1 crack=0.8", status: str = FAIL, n: int = 2) -> Gate:
    row = GateRow("blur", "0%-20%", "crack", "f1", FAIL, 0.7, 0.65, 0.74, 300)
    rows = () if status == PASS else (row,) * n
    return Gate(
        name, "F1 of crack: at least 0.8", status, 0.8, 0.7, 0.65, 0.74, 300, None, None, n, rows
    )


# What it says


def test_it_says_what_the_run_and_the_gates_say(analysis):
    page = step_summary(analysis, gates=judge(analysis, min_f1=["0.1", "crack=0.99"]))
    assert headline(analysis).split("%")[0] in page
    found = parts(page)
    assert next(iter(found)) == "Gates"
    status = [line.split(" | ")[0] for line in found["Gates"][2:]]
    assert status == ["| ❌ fail", "| ✅ pass"]
    accuracy = analysis.overall.query("metric == 'accuracy'")["value"].iloc[0]
    assert f"accuracy | .{round(100 * accuracy)}" in page
    assert [line.split(" | ")[0] for line in found["Classes, lowest F1 first"][2:]] == [
        "| crack",
        "| ok",
    ]


def test_every_real_finding_is_there(analysis):
    real = analysis.trends.query("strength == 'real'")
    lines = parts(step_summary(analysis))["Real"]
    # Of the two classes, the misses of one are the false calls of the other.
    assert len(lines) == len(real) - 1 > 0
    assert sum("Seen from the other class" in line for line in lines) == 1
    assert all(line.startswith("- ") for line in lines)


def test_without_findings_or_gates_there_are_no_such_parts():
    page = step_summary(made(fall=0.0))
    assert not {"Real", "Gates", "Candidates: look, do not act yet"} & set(parts(page))


def test_rows_that_broke_a_gate_are_listed(analysis):
    found = parts(step_summary(analysis, gates=[gate(n=3), gate("min-f1 ok=0.1", PASS)]))
    assert len(found["What broke a gate, or left it open"]) == 2 + 3


def test_both_languages_carry_the_same_numbers(analysis):
    gates = judge(analysis, min_f1=["0.1", "crack=0.99"])
    english, chinese = (step_summary(analysis, gates=gates, lang=lang) for lang in ("en", "zh"))
    tables = [
        [re.findall(r"\.\d\d", line) for line in page.splitlines() if line.startswith("|")]
        for page in (english, chinese)
    ]
    assert tables[0] == tables[1]
    assert "召回率" in chinese
    assert "Real" not in chinese


# Names


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs) -> None:
        self.found.append(tag)


@pytest.fixture(scope="module")
def rendered(hostile) -> str:
    markdown = pytest.importorskip("markdown_it")
    page = step_summary(hostile, gates=[gate(f"min-f1 {name}=0.8") for name in HOSTILE])
    parser = markdown.MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return parser.render(page)


def test_names_are_text_and_nothing_else(rendered: str):
    """Judged by a Markdown parser that lets HTML through."""
    tags = Tags()
    tags.feed(rendered)
    assert set(tags.found) == {
        "h2", "h3", "p", "ul", "li", "table", "thead", "tbody", "tr", "th", "td",
    }  # fmt: skip
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in rendered
    assert "&lt;img src=x onerror=alert(1)&gt;" in rendered
    assert "[x](https://x.y)" in rendered
    assert "a|b" in rendered


def test_each_table_keeps_its_columns(rendered: str):
    for table in re.findall(r"<table>.*?</table>", rendered, re.DOTALL):
        rows = re.findall(r"<tr>.*?</tr>", table, re.DOTALL)
        assert len({row.count("<td") + row.count("<th") for row in rows}) == 1
    head = re.findall(r"<thead>.*?</thead>", rendered, re.DOTALL)
    assert [block.count("<th>") + block.count("<th ") for block in head] == [3, 5, 2, 5]


def test_no_address_is_left_to_be_linked(hostile):
    page = step_summary(hostile)
    assert not re.search(r"https?://|www\.[^\\]", page.replace("www\\.", ""))
    assert not re.search(r"(?<!\\)[@$]", page)
    assert not re.search(r"(?<!\\):tada", page)


def test_control_characters_are_visible(hostile):
    page = step_summary(hostile)
    assert all(char.isprintable() or char == "\n" for char in page)
    assert r"two\\nlines\\u202e\\x1b" in page


@pytest.mark.parametrize("text", ["- a", "+ a", "= a", "12. a", "1) a", "# a", "> a", "***"])
def test_a_text_that_begins_like_a_block_is_none(text: str):
    markdown = pytest.importorskip("markdown_it")
    assert markdown.MarkdownIt().render(escaped(text)) == f"<p>{escape_html(text)}</p>\n"


def escape_html(text: str) -> str:
    return text.replace(">", "&gt;")


def test_plain_text_stays_as_it_is():
    text = "Recall of crack falls: 94 % (q = 0.03), −17 points; 缺陷 σ é 1.5 a-b"
    assert escaped(text) == text


# Size


@pytest.mark.parametrize("most", [1_000, 1_500, 3_000, 10_000])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_it_is_never_larger_than_asked(hostile, most: int, lang: str):
    page = step_summary(hostile, gates=[gate()] * 100, lang=lang, most_bytes=most)
    assert len(page.encode()) <= most
    assert page.endswith("\n")


def test_what_is_left_out_is_counted(analysis):
    page = step_summary(analysis, gates=[gate(f"g{i}", PASS) for i in range(70)], rows=20)
    assert parts(page)["Gates"][-1] == "50 more are left out here."
    assert len(parts(page)["Gates"]) == 2 + 20 + 1


def test_parts_without_room_are_named(hostile):
    page = step_summary(hostile, most_bytes=1_000)
    shown, last = parts(page), page.splitlines()[-1]
    assert last.startswith("Left out, for there is no room: ")
    assert "Real" in last
    assert "Real" not in shown


def test_absurd_names_take_no_room():
    names = ("ok", "缺" * 300_000)
    page = step_summary(made(names, n=300), gates=[gate("x" * 300_000)])
    assert len(page.encode()) < 100_000 < MOST_BYTES
    assert "缺…" in page


def test_many_classes_fit(monkeypatch):
    names = [f"class {i}" for i in range(500)]
    page = step_summary(made(names, n=5_000), rows=10_000)
    assert len(page.encode()) <= MOST_BYTES
    assert len(parts(page)["Classes, lowest F1 first"]) == 2 + 500


@pytest.mark.parametrize("options", [{"rows": 0}, {"most_bytes": 999}, {"lang": "fr"}])
def test_options_that_cannot_be(analysis, options):
    with pytest.raises(OptionError, match=next(iter(options))):
        step_summary(analysis, **options)
