"""The report as a file: its endings and options, and what it is made from."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import sensitivity
from sensitivity.errors import InputError, OptionError
from sensitivity.report.writing import write_report
from sensitivity.result import Analysis


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    for place in range(600):
        Image.new("L", (4, 3), place % 256).save(folder / f"{place}.png")
    return folder


@pytest.mark.parametrize("name", ["report.pdf", "report", "report.html.gz"])
def test_another_ending_is_refused(two: Any, name: str) -> None:
    with pytest.raises(OptionError, match=r"ends in \.html, \.htm, \.md or \.json"):
        write_report(two.analysis, name)
    assert not Path(name).exists()


@pytest.mark.parametrize("name", ["r.html", "r.md", "r.json"])
def test_another_language_is_refused(two: Any, name: str) -> None:
    with pytest.raises(OptionError, match="expected one of en, zh"):
        write_report(two.analysis, name, lang="de")


@pytest.mark.parametrize("given", [-1, "all", True, 2.5, None])
def test_other_thumbnails_are_refused(two: Any, given: Any) -> None:
    with pytest.raises(OptionError, match="expected a whole number from 0, 'none' or 'folder'"):
        write_report(two.analysis, "r.html", thumbnails=given)


def test_no_such_folder_of_images(two: Any) -> None:
    with pytest.raises(InputError, match="nowhere"):
        write_report(two.analysis, "r.html", images="nowhere")


@pytest.mark.parametrize(
    ("name", "start"),
    [("R.HTML", "<!DOCTYPE"), ("r.htm", "<!DOCTYPE"), ("r.md", "# "), ("r.json", "{")],
)
def test_the_ending_says_what_it_is(two: Any, name: str, start: str) -> None:
    path = write_report(two.analysis, Path("new") / "folder" / name)
    assert path == Path("new") / "folder" / name
    assert path.read_text("utf-8").startswith(start)
    assert [file.name for file in path.parent.iterdir()] == [name]


def test_json_is_strict_and_has_undefined_numbers_as_null(twelve: Any) -> None:
    def refused(name: str) -> None:
        raise AssertionError(name)

    path = write_report(twelve.analysis, "r.json")
    told = json.loads(path.read_text("utf-8"), parse_constant=refused)
    assert set(told) >= {"headline", "findings", "quality", "map", "features", "advice"}
    assert told["run"]["n"] == 1500
    assert told["lang"] == "en"


def test_pictures_are_within_or_none_or_beside(two: Any, photos: Path) -> None:
    within = write_report(two.analysis, "a.html", images=photos).read_text("utf-8")
    assert within.count("data:image/webp;base64,") > 20
    assert "img-src data:;" in within
    few = write_report(two.analysis, "b.html", images=photos, thumbnails=5).read_text("utf-8")
    assert few.count("data:image/webp;base64,") == 5
    for wanted in (0, "none"):
        none = write_report(two.analysis, "c.html", images=photos, thumbnails=wanted)
        assert "data:image" not in none.read_text("utf-8")
    beside = write_report(two.analysis, "d e.html", images=photos, thumbnails="folder")
    text = html.unescape(beside.read_text("utf-8"))
    files = sorted(file.name for file in Path("d e_files").iterdir())
    assert len(files) > 20
    assert all(f"d%20e_files/{name}" in text for name in files)
    assert "img-src data: 'self' file:;" in text
    assert not Path("a_files").exists()


def test_without_per_image_tables_it_says_so(two: Any) -> None:
    given = two.analysis
    bare = replace(given, features=given.features.iloc[:0], outcomes=given.outcomes.iloc[:0])
    text = write_report(bare, "r.html").read_text("utf-8")
    assert '"images":[]' in text
    assert "no per-image tables beside it" in text
    assert 'id="two-way"' not in text
    assert write_report(bare, "r.md").read_text("utf-8").startswith("# ")


def test_several_labels() -> None:
    rng = np.random.default_rng(0)
    labels = (rng.random((400, 3)) < 0.3).astype(int)
    analysis = sensitivity.analyse(
        labels * 0.8 + 0.3 * rng.random(labels.shape),
        labels,
        [f"{i}.png" for i in range(400)],
        "multi_label_classification",
        label_map_dict={0: "sun", 1: "rain", 2: "snow"},
        columns={"hour": rng.integers(0, 24, 400), "wet": rng.integers(0, 2, 400)},
        features=(),
        threshold=0.5,
        save_path=None,
    )
    for name in ("r.html", "r.md", "r.json"):
        text = write_report(analysis, name).read_text("utf-8")
        assert "snow" in text
    told = json.loads(text)
    assert told["quality"]["confusion"] is None
    assert told["two_way"] is None


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_trial_and_a_comparison(
    two: Any, build_case: Callable[..., Any], make_remedy: Callable[..., Any], lang: str
) -> None:
    other = build_case(label_map_dict={0: "normal", 1: "defect"}, fall=0.1).analysis
    remedy = make_remedy(classes=("normal", "defect"))
    tried = replace(two.analysis, remedy=remedy)
    comparison = sensitivity.compare(two.analysis, other)
    for name in ("r.html", "r.md", "r.json"):
        path = write_report(tried, name, lang=lang, comparison=comparison)
        text = path.read_text("utf-8")
        assert "bilateral" in text
    told = json.loads(text)
    assert told["trial"]["verdict"] == "use"
    assert told["comparison"]["n"] == 600
    page = Path("r.html").read_text("utf-8")
    assert 'href="#trial"' in page
    assert 'href="#comparison"' in page
    assert told["comparison"]["sentence"] in page


def test_a_loaded_result_makes_the_same_report(two: Any) -> None:
    two.analysis.save("kept")
    first = write_report(two.analysis, "a.md").read_text("utf-8")
    assert write_report(Analysis.load("kept"), "b.md").read_text("utf-8") == first


def test_a_report_is_written_over(two: Any) -> None:
    Path("r.md").write_text("old")
    write_report(two.analysis, "r.md")
    assert Path("r.md").read_text("utf-8").startswith("# ")
