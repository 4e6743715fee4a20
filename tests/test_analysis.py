"""The door: the page's own call, the published table, broken images, and what is guessed."""

from __future__ import annotations

import json
import os
import shutil
import warnings
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

import sensitivity
from sensitivity import SensitivityError, tables
from sensitivity.errors import ImageError, InputError, OptionError
from sensitivity.synthetic import PUBLISHED_F1, PUBLISHED_STD, published_table


def analyse(n: int = 100, **options) -> sensitivity.Analysis:
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 2, n)
    predicted = np.where(rng.random(n) < 0.8, labels, 1 - labels)
    names = [f"{i}.png" for i in range(n)]
    options = {
        "save_path": None,
        "features": (),
        "columns": {"hour": rng.uniform(0, 24, n)},
    } | options
    return sensitivity.analyse(predicted, labels, names, **options)


@pytest.mark.parametrize("split", ["proportional", "fp", "fn"])
def test_published_table_comes_back_to_four_decimals(split: str):
    page = published_table(split)
    analysis = sensitivity.analyse(
        page.pred_list,
        page.label_list,
        page.name_list,
        columns=page.columns,
        features=(),
        save_path=None,
    )
    table = analysis.table("sharpness").round(4)
    assert list(table.index[:5]) == ["0%-20%", "20%-40%", "40%-60%", "60%-80%", "80%-100%"]
    np.testing.assert_array_equal(table.iloc[:5].to_numpy(), np.asarray(PUBLISHED_F1).T)
    assert table.loc["std"].tolist() == list(PUBLISHED_STD)


@pytest.fixture
def photos(tmp_path: Path) -> list[str]:
    names = []
    for i in range(40):
        path = tmp_path / "photos" / f"{i:02d}.jpg"
        path.parent.mkdir(exist_ok=True)
        pixels = np.random.default_rng(i).integers(0, 60 + 4 * i, (32, 40, 3)).astype(np.uint8)
        path.write_bytes(cv2.imencode(".jpg", pixels)[1].tobytes())
        names.append(str(path))
    return names


def test_the_pages_own_call_runs(photos: list[str], tmp_path: Path, monkeypatch):
    from sensitivity import analyse  # the only line that differs from the page's script

    monkeypatch.chdir(tmp_path)
    name_list = photos
    target_list = [0, 1] * 20
    pred_list = [
        [8.725419998168945, 21.92235565185547] if i % 3 else [3.5, -1.0] for i in range(40)
    ]
    analyse(
        task_type="image_classification",
        save_path="./",
        pred_list=pred_list,
        label_list=target_list,
        name_list=name_list,
    )

    content = json.loads((tmp_path / "model_analysis_results.json").read_text())
    assert set(content) == {"en-us", "zh-cn", "sensitivity"}
    sharpness = content["zh-cn"]["feature_sensitivity"]
    assert any("清晰度" in entry["title"] for entry in sharpness.values())
    assert (tmp_path / "tables" / "features.parquet").is_file()
    assert (tmp_path / ".sensitivity-cache").is_dir()


def test_nothing_is_written_without_save_path(photos: list[str], tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    sensitivity.analyse([0, 1] * 20, [0, 1] * 20, photos, save_path=None)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.fixture(scope="module")
def thousand(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str], dict[str, str]]:
    """1,000 names of which 20 are broken in ten ways; and the status each must get."""
    folder = tmp_path_factory.mktemp("thousand")
    rng = np.random.default_rng(0)
    names = [f"{i:04d}.{('jpg', 'png')[i % 2]}" for i in range(1000)]
    for i, name in enumerate(names):
        pixels = rng.integers(0, 40 + i % 200, (16 + i % 5, 20, 3)).astype(np.uint8)
        (folder / name).write_bytes(cv2.imencode(Path(name).suffix, pixels)[1].tobytes())
    noise = rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)
    jpeg = cv2.imencode(".jpg", noise)[1].tobytes()
    png = cv2.imencode(".png", noise)[1].tobytes()
    huge = cv2.imencode(".png", np.zeros((200, 200), np.uint8))[1].tobytes()
    damaged = bytearray(png)
    damaged[len(png) // 2] ^= 0xFF
    ways: list[tuple[str, bytes | None]] = [
        ("missing", None),
        ("empty", b""),
        ("unsupported", b"this is text, not an image"),
        ("truncated", jpeg[: len(jpeg) // 2]),
        ("truncated", png[: len(png) // 2]),
        ("corrupt", bytes(damaged)),
        ("too_large", huge),
        ("unsupported", b"\x00" * 500),
        ("unsupported", b"%PDF-1.7\n" + b"x" * 100),
        ("unsupported", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
    ]
    expected = {}
    for place, i in enumerate(range(7, 1000, 50)):
        status, content = ways[place % 10]
        expected[names[i]] = status
        path = folder / names[i]
        path.unlink()
        if content is not None:
            path.write_bytes(content)
    return folder, names, expected


def test_twenty_broken_images_among_a_thousand(thousand, tmp_path: Path):
    folder, names, expected = thousand
    labels = np.arange(1000) % 2
    analysis = sensitivity.analyse(
        labels, labels, names, images=folder, save_path=tmp_path, max_pixels=10_000
    )
    found = dict(zip(analysis.failures["name"], analysis.failures["status"], strict=True))
    assert found == expected
    assert analysis.failures["reason"].str.len().min() > 10
    assert analysis.settings["n_failed"] == 20
    assert analysis.features["sharpness"].notna().sum() == 980
    missing = analysis.bins.query("feature == 'sharpness' and bin == -1 and metric == 'accuracy'")
    assert missing["n"].tolist() == [20]
    assert analysis.overall["n"].max() == 1000, "their outcomes still count"


def test_raise_stops_at_the_first_broken_image(thousand):
    folder, names, _ = thousand
    labels = np.arange(1000) % 2
    with pytest.raises(ImageError, match=r"image missing: .*\(0007.png, row 7\)"):
        sensitivity.analyse(labels, labels, names, images=folder, save_path=None, errors="raise")


def test_order_of_samples_changes_nothing():
    rng = np.random.default_rng(5)
    labels = rng.integers(0, 3, 300)
    scores = rng.normal(size=(300, 3)) + np.eye(3)[labels]
    columns = pd.DataFrame({"hour": rng.uniform(0, 24, 300), "site": rng.choice(list("ab"), 300)})
    names = np.array([f"{i}.png" for i in range(300)])
    order = rng.permutation(300)
    one = sensitivity.analyse(scores, labels, names, columns=columns, features=(), save_path=None)
    other = sensitivity.analyse(
        scores[order],
        labels[order],
        names[order],
        columns=columns.iloc[order],
        features=(),
        save_path=None,
    )
    for name in ("bins", "trends", "overall", "confusion", "roc"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))


def test_every_table_has_its_columns():
    analysis = analyse()
    for schema in tables.TABLES:
        tables.check(getattr(analysis, schema.name), schema)


def test_own_columns_of_all_kinds():
    n = 120
    when = pd.date_range("2024-01-01", periods=n, freq="h", tz="Asia/Shanghai")
    analysis = analyse(
        n,
        columns={
            "number": np.arange(n, dtype=np.int32),
            "text": ["a", "b", None] * 40,
            "flag": np.arange(n) % 2 == 0,
            "time": when,
            "few": [1.5, 2.5] * 60,
            "same": ["x"] * n,
            "nothing": [np.nan] * n,
            "id": [f"id{i}" for i in range(n)],
        },
        n_bins=4,
    )
    kinds = {entry["name"]: entry["kind"] for entry in analysis.settings["features"]}
    assert kinds == {
        "number": "numeric",
        "text": "categorical",
        "flag": "categorical",
        "time": "numeric",
        "few": "numeric",
        "id": "categorical",
    }
    assert list(analysis.table("text").index) == ["a", "b", "missing", "std"]
    assert list(analysis.table("few").index) == ["1.5", "2.5", "std"]
    reasons = {entry["name"]: entry["reason"] for entry in analysis.settings["skipped"]}
    assert reasons == {"same": "constant: x", "nothing": "no value"}


def test_too_many_categories_are_left_out_with_the_reason():
    analysis = analyse(300, columns={"id": [f"id{i}" for i in range(300)]})
    reason = "300 different values that are no numbers"
    assert analysis.settings["skipped"] == [{"name": "id", "reason": reason}]
    assert analysis.bins.empty


def test_edges_of_an_earlier_run_are_used_again(tmp_path: Path):
    first = analyse(200, save_path=tmp_path)
    again = analyse(100, edges=sensitivity.Analysis.load(tmp_path))
    assert again.settings["features"][0]["edges"] == first.settings["features"][0]["edges"]
    own = analyse(100, edges={"hour": [6, 18]})
    assert list(own.table("hour").index) == ["up to 6", "6 to 18", "above 18", "std"]
    with pytest.raises(InputError, match="ascending order"):
        analyse(100, edges={"hour": [18, 6]})


def test_own_features_join_in(photos: list[str]):
    def top_left(picture) -> float:
        return float(picture.luma[0, 0])

    analysis = sensitivity.analyse(
        [0, 1] * 20, [0, 1] * 20, photos, features=["brightness", top_left], save_path=None
    )
    assert list(analysis.features.columns) == ["name", "brightness", "top_left"]
    assert "top_left" in set(analysis.trends["feature"])


def test_prior_changes_the_equal_mix_alone():
    plain, shifted = analyse(), analyse(prior={"0": 0.9, "1": 0.1})
    star = plain.bins["metric"].isin(["f1_star", "accuracy_star"])
    pd.testing.assert_frame_equal(plain.bins[~star], shifted.bins[~star])
    assert (plain.bins[star]["value"] != shifted.bins[star]["value"]).any()
    with pytest.raises(InputError, match="sum to 1"):
        analyse(prior=[0.5, 0.4])


def test_groups_are_recorded():
    analysis = analyse(groups=np.arange(100) // 10)
    assert analysis.outcomes["group"].nunique() == 10
    with pytest.raises(InputError, match="one per image, got 3 for 100 images"):
        analyse(groups=[1, 2, 3])


def test_shuffled_loader_is_asked_about():
    labels = np.random.default_rng(0).permutation([0, 1] * 50)
    names = [f"val/{('cat', 'dog')[i % 2]}/{i}.jpg" for i in range(100)]
    with pytest.warns(UserWarning, match="shuffled"):
        analysis = sensitivity.analyse(labels, labels, names, features=(), save_path=None)
    assert any("shuffled" in note for note in analysis.settings["notes"])


def test_folders_that_agree_say_nothing():
    labels = np.array([0, 1] * 50)
    names = [f"val/{('cat', 'dog')[i % 2]}/{i}.jpg" for i in range(100)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sensitivity.analyse(labels, labels, names, features=(), save_path=None)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_bins": 1}, "n_bins: expected at least 2, got 1"),
        ({"confidence": 95}, "confidence: expected a number between 0 and 1, got 95"),
        ({"n_bins": 2.5}, "n_bins: expected a whole number, got 2.5"),
        ({"n_bins": "5"}, "n_bins: expected a whole number, got '5'"),
        ({"confidence": "x"}, "confidence: expected a number between 0 and 1, got 'x'"),
        ({"rng": -1}, "rng: expected a whole number from 0, or a numpy generator, got -1"),
        ({"rng": "x"}, "rng: expected a whole number from 0"),
        ({"size": 0}, "size: expected the shorter side"),
        ({"bit_depth": 3}, "bit_depth: expected 9 to 16, got 3"),
        ({"max_pixels": 0}, "max_pixels: expected a whole number from 1, got 0"),
        ({"meta": {"model": object()}}, "meta: expected what JSON can hold"),
        ({"meta": {"model": "\ud800"}}, "meta: expected what JSON can hold"),
        ({"edges": {"hour": [6, np.inf]}}, "edges of hour: expected finite numbers"),
        ({"columns": {"hour": ["\ud800"] * 100}}, "columns: expected text that UTF-8 can hold"),
        ({"columns": {"\ud800": range(100)}}, "columns: expected text that UTF-8 can hold"),
        ({"groups": ["\ud800"] * 100}, "groups: expected text that UTF-8 can hold"),
        ({"label_map_dict": ["\ud800", "b"]}, "label_map_dict: expected text that UTF-8 can hold"),
        ({"errors": "ignore"}, "errors: expected 'report' or 'raise', got 'ignore'"),
        ({"engine": "spark"}, "engine: expected one of auto, serial, threads, got 'spark'"),
        ({"workers": 0}, "workers: expected at least 1, got 0"),
        ({"columns": {"hour": [1]}}, "column hour: expected one value per image, got 1 for 100"),
        ({"columns": {"name": range(100)}}, "column name: expected a name that no feature"),
        ({"columns": [1, 2]}, "columns: expected a DataFrame or a mapping"),
        ({"custom_metric": 3}, "custom_metric: expected"),
        ({"edges": {"minute": [1]}}, "edges: expected names among hour, got minute"),
        ({"op_list": ["clarity"]}, "op_list: expected names among"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_wrong_options_are_said_to_be(options: dict, message: str):
    with pytest.raises(SensitivityError) as caught:
        analyse(**options)
    assert str(caught.value).startswith(message)


def test_callers_objects_stay_as_they_are():
    rng = np.random.default_rng(0)
    scores, labels = rng.normal(size=(50, 2)), rng.integers(0, 2, 50)
    columns = pd.DataFrame({"hour": rng.uniform(0, 24, 50)}, index=range(100, 150))
    copies = scores.copy(), labels.copy(), columns.copy()
    names = [str(i) for i in range(50)]
    sensitivity.analyse(scores, labels, names, columns=columns, features=(), save_path=None)
    np.testing.assert_array_equal(scores, copies[0])
    np.testing.assert_array_equal(labels, copies[1])
    pd.testing.assert_frame_equal(columns, copies[2])
    assert scores.flags.writeable


def test_two_runs_write_the_same_bytes(photos: list[str], tmp_path: Path):
    for name in ("a", "b"):
        sensitivity.analyse([0, 1] * 20, [0, 0, 1, 1] * 10, photos, save_path=tmp_path / name)
    one, other = ((tmp_path / name / "model_analysis_results.json").read_bytes() for name in "ab")
    assert one == other
    shutil.rmtree(tmp_path / "b")


def test_options_error_is_usage_and_data_error_is_data():
    assert (OptionError.exit_code, InputError.exit_code, ImageError.exit_code) == (2, 3, 3)


def test_a_save_path_that_is_a_file_is_said_before_anything_is_measured(photos, tmp_path: Path):
    (tmp_path / "out").write_text("")
    never = pytest.fail
    with pytest.raises(OptionError, match="save_path: expected a folder"):
        sensitivity.analyse(
            [0], [0], photos[:1], images=lambda name: never(name), save_path=tmp_path / "out"
        )


def test_file_names_that_are_no_text_are_measured_and_written_out(photos, tmp_path: Path):
    name = os.fsdecode(b"\xff.jpg")
    shutil.copy(photos[0], tmp_path / name)
    names = [name, "gone\udcfe.jpg"]
    analysis = sensitivity.analyse([0, 1], [0, 1], names, images=tmp_path, save_path="out")
    assert analysis.outcomes["name"].tolist() == [r"\udcff.jpg", r"gone\udcfe.jpg"]
    assert analysis.failures["name"].tolist() == [r"gone\udcfe.jpg"]
    assert analysis.features["sharpness"].notna().tolist() == [True, False]
    again = sensitivity.Analysis.load("out")
    assert again.features["name"].tolist() == analysis.features["name"].tolist()


def test_custom_metrics_may_be_arrays(tmp_path: Path):
    analyse(custom_metric={"fps": np.array([30.0, 25.0])}, save_path=tmp_path)
    settings = sensitivity.Analysis.load(tmp_path).settings
    assert settings["custom_metric"] == {"fps": [30.0, 25.0]}


def test_not_one_image_warns_and_keeps_what_there_is(tmp_path: Path):
    given = {"n": 20, "images": tmp_path, "features": ["noise"]}
    with pytest.warns(UserWarning, match="got 20 missing; nothing was analysed"):
        analysis = analyse(**given, columns=None, save_path=tmp_path)
    assert len(sensitivity.Analysis.load(tmp_path).failures) == len(analysis.failures) == 20
    told = analyse(**given, columns={"hour": range(20)})
    assert [entry["name"] for entry in told.settings["features"]] == ["hour"]
