"""A column of times: numbers in every table, dates wherever people read them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest

import sensitivity
from sensitivity.cli import main
from sensitivity.plots import plot_distribution, plot_trend
from sensitivity.report.content import content
from sensitivity.report.ranges import sensitivity_entries
from sensitivity.report.samples import samples
from sensitivity.report.schema import result_schema
from sensitivity.report.writing import write_report
from sensitivity.result import FILE_NAME, Analysis
from sensitivity.shards import merge_results

N = 400

#: Seconds since 1970 as any of them would be printed.
SECONDS = re.compile(r"1[67]\d{8}|1\.[67]\d*e\+?0?9")


def dated(rows: slice = slice(None), **options) -> Analysis:
    """More errors from January to July; what is of one day, of three days, and of a zone."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, N)
    days = np.sort(rng.uniform(0, 200, N))
    taken = pd.Timestamp("2024-01-01") + pd.to_timedelta(days, unit="D")
    called = np.where(rng.random(N) < 0.05 + 0.4 * days / 200, 1 - y, y)
    columns = pd.DataFrame(
        {
            "taken": taken,
            "zoned": taken.tz_localize("UTC").tz_convert("Asia/Shanghai"),
            "visit": pd.to_datetime(rng.choice(["2024-02-01", "2024-03-01", "2024-05-01"], N)),
            "batch": pd.to_datetime(np.where(np.arange(N) < N // 2, "2024-02-01", "2024-05-01")),
            "took": pd.to_timedelta(rng.uniform(0, 9, N), unit="s"),
        }
    )[rows]
    names = [f"{i}.png" for i in range(N)][rows]
    given = {"features": (), "columns": columns, "save_path": None, **options}
    return sensitivity.analyse(called[rows], y[rows], names, groups=names, **given)


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return dated()


def test_what_is_stored_stays_numbers_and_says_what_they_are(analysis: Analysis, tmp_path: Path):
    file = analysis.save(tmp_path)
    loaded = Analysis.load(tmp_path)
    entries = {entry["name"]: entry for entry in loaded.settings["features"]}
    assert entries["taken"]["unit"] == "seconds since 1970-01-01"
    assert entries["zoned"]["unit"] == "seconds since 1970-01-01 UTC"
    assert entries["took"]["unit"] == "s"
    assert min(entries["taken"]["edges"]) > 1.7e9
    assert loaded.features["taken"].dtype == np.float64
    assert set(loaded.bins.loc[loaded.bins["feature"] == "visit", "label"]) == {
        "2024-02-01", "2024-03-01", "2024-05-01",
    }  # fmt: skip
    written = dated(save_path=tmp_path / "written")
    assert written.settings["units"]["taken"] == "seconds since 1970-01-01"
    content = json.loads((tmp_path / "written" / FILE_NAME).read_text())
    jsonschema.Draft202012Validator(result_schema()).validate(content)
    assert file.name == FILE_NAME


def test_a_terminal_shows_dates(analysis: Analysis, tmp_path: Path, capsys):
    analysis.save(tmp_path)
    assert main(["table", str(tmp_path), "taken"]) == 0
    table = capsys.readouterr().out
    assert "2024-01-01 … 2024-0" in table
    assert "(2024-01-01 … 2024-02-" in " ".join(table.split()), "the sentence below"
    assert not SECONDS.search(table)
    main(["table", str(tmp_path), "zoned"])
    assert capsys.readouterr().out.startswith("zoned: UTC\n")
    main(["table", str(tmp_path), "visit", "taken"])
    table = capsys.readouterr().out
    assert "2024-03-01" in table
    assert not SECONDS.search(table)


def test_a_page_shows_dates_but_for_what_is_data(analysis: Analysis):
    told = content(analysis)
    features = {feature["feature"]: feature for feature in told["features"]}
    assert features["taken"]["bins"][0]["range"].startswith("2024-01-01 … 2024-0")
    assert (features["taken"]["unit"], features["zoned"]["unit"]) == ("", "UTC")
    texts = features["taken"]["distribution"]["texts"]
    assert texts["ticks"][0][1].startswith("2024-0")
    assert len(texts["edges"]) == len(features["taken"]["distribution"]["edges"])
    edges = {row["feature"]: row["edges"] for row in told["settings"]["edges"]}
    assert all(re.fullmatch(r"2024-\d\d-\d\d", edge) for edge in edges["taken"])
    listed = told["features"]
    shown = samples(analysis, listed, pictures=False)
    place = [feature["feature"] for feature in listed].index("taken")
    assert all(re.match(r"2024-\d\d-\d\d", image[5][place]) for image in shown["images"])


@pytest.mark.parametrize("suffix", [".html", ".md"])
def test_no_seconds_stand_in_charts_and_tables(analysis: Analysis, tmp_path: Path, suffix: str):
    page = write_report(analysis, tmp_path / f"report{suffix}").read_text("utf-8")
    # Text that people read; data of the page is no text.
    told = re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", page, flags=re.S)
    assert "2024-0" in told
    assert not SECONDS.search(told)


def test_pictures_show_dates(analysis: Analysis):
    ax = plot_distribution(analysis, "taken")
    assert all(tick.get_text().startswith("2024-") for tick in ax.get_xticklabels())
    ticks = [tick.get_text() for tick in plot_trend(analysis, "taken").get_xticklabels()]
    assert ticks[0].startswith("0–20%\n2024-01-01 … 2024-")


def test_given_edges_of_times_are_dates(analysis: Analysis):
    edges = {"taken": [pd.Timestamp(day).timestamp() for day in ("2024-02-01", "2024-04-01")]}
    table = dated(edges=edges).table("taken")
    assert list(table.index[:3]) == [
        "up to 2024-02-01", "2024-02-01 to 2024-04-01", "above 2024-04-01",
    ]  # fmt: skip


def test_the_published_page_keeps_numbers_on_its_axes(analysis: Analysis):
    chart = sensitivity_entries(analysis, "en-us")["visit"]["line_chart"]
    (points,) = (curve for line in chart.values() for curve in line["curve"].values())
    assert [at for at, _ in points] == sorted(analysis.features["visit"].unique())


def test_left_out_times_are_dates_and_merged_they_are_known_again(analysis: Analysis):
    halves = [dated(slice(None, N // 2)), dated(slice(N // 2, None))]
    reasons = [entry["reason"] for half in halves for entry in half.settings["skipped"]]
    assert reasons == ["constant: 2024-02-01", "constant: 2024-05-01"]
    whole = merge_results(halves)
    units = {entry["name"]: entry["unit"] for entry in whole.settings["features"]}
    assert units == {entry["name"]: entry["unit"] for entry in analysis.settings["features"]}
    assert list(whole.table("batch").index[:2]) == ["2024-02-01", "2024-05-01"]
