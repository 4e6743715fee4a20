"""Extraction: the same rows whatever runs it, resumed where it was stopped, nothing lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from sensitivity.errors import ImageError, InputError, OptionError
from sensitivity.extract import Config, Extracted, Run, extract, picture_source
from sensitivity.extract.executors import Serial, Threads, executor
from sensitivity.features import FEATURES, select

CONFIG = Config(select(["sharpness", "brightness", "bits_per_pixel"]))


def write_png(path: Path, seed: int, side: int = 24) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    path.write_bytes(cv2.imencode(".png", pixels)[1].tobytes())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    photos = tmp_path / "photos"
    photos.mkdir()
    for i in range(150):
        write_png(photos / f"{i:03d}.png", i)
    return photos


def run(
    folder: Path, names: list[str] | None = None, config: Config = CONFIG, **options
) -> Extracted:
    names = sorted(path.name for path in folder.iterdir()) if names is None else names
    listed = np.array(names, dtype=object)
    progress = options.pop("progress", None)
    source = picture_source(listed, folder)
    return extract(listed, source, config, Run(**options), progress=progress)


def same(one: Extracted, other: Extracted) -> None:
    pd.testing.assert_frame_equal(one.values, other.values, check_exact=True)
    pd.testing.assert_frame_equal(one.failures, other.failures)


@pytest.mark.parametrize(("engine", "workers"), [("threads", 1), ("threads", 8), ("auto", None)])
def test_rows_do_not_depend_on_engine_or_workers(folder: Path, engine: str, workers: int | None):
    (folder / "077.png").write_bytes(b"")
    same(run(folder, engine="serial"), run(folder, engine=engine, workers=workers))


def test_rows_keep_the_order_of_the_names(folder: Path):
    names = sorted(path.name for path in folder.iterdir())
    shuffled = [names[i] for i in np.random.default_rng(0).permutation(len(names))]
    straight = run(folder, names).values.set_axis(names)
    pd.testing.assert_frame_equal(
        run(folder, shuffled).values.set_axis(shuffled).loc[names], straight, check_exact=True
    )


def test_second_run_decodes_nothing(folder: Path, tmp_path: Path):
    first = run(folder, cache=tmp_path / "cache")
    again = run(folder, cache=tmp_path / "cache")
    assert (first.decoded, first.cached) == (150, 0)
    assert (again.decoded, again.cached) == (0, 150)
    same(first, again)


def test_cache_follows_images_not_their_place(folder: Path, tmp_path: Path):
    run(folder, cache=tmp_path / "cache")
    write_png(folder / "000-new.png", 1000)
    again = run(folder, cache=tmp_path / "cache")
    assert (again.decoded, again.cached) == (1, 150)
    same(again, run(folder))


def test_changed_image_is_measured_anew(folder: Path, tmp_path: Path):
    before = run(folder, cache=tmp_path / "cache")
    write_png(folder / "003.png", 999)
    os.utime(folder / "003.png", ns=(1, 1))
    after = run(folder, cache=tmp_path / "cache")
    assert after.decoded == 1
    assert after.values["sharpness"][3] != before.values["sharpness"][3]
    same(after, run(folder))


@pytest.mark.parametrize(
    "change",
    [{"size": 12}, {"max_pixels": 10_000}, {"bit_depth": 12}, {"features": select(["contrast"])}],
    ids=lambda change: next(iter(change)),
)
def test_other_settings_are_another_cache(folder: Path, tmp_path: Path, change: dict):
    run(folder, cache=tmp_path / "cache")
    assert run(folder, config=replace(CONFIG, **change), cache=tmp_path / "cache").decoded == 150


def test_failures_are_rows_and_are_cached(folder: Path, tmp_path: Path):
    (folder / "010.png").write_bytes(b"")
    (folder / "020.png").write_bytes(b"no image at all")
    names = [*sorted(path.name for path in folder.iterdir()), "gone.png"]
    first = run(folder, names, cache=tmp_path / "cache")
    assert first.failures[["name", "status"]].to_numpy().tolist() == [
        ["010.png", "empty"],
        ["020.png", "unsupported"],
        ["gone.png", "missing"],
    ]
    assert first.values.isna().all(axis=1).sum() == 3
    again = run(folder, names, cache=tmp_path / "cache")
    assert again.decoded == 1, "only the missing file has nothing to be known by"
    same(first, again)


@pytest.mark.parametrize("engine", ["serial", "threads"])
@pytest.mark.parametrize("warm", [False, True])
def test_raise_first_names_the_first_in_the_list(
    folder: Path, tmp_path: Path, engine: str, warm: bool
):
    for name in ("149.png", "020.png", "090.png"):
        (folder / name).write_bytes(b"")
    cache = tmp_path / "cache"
    if warm:
        run(folder, cache=cache)
    with pytest.raises(ImageError, match=r"empty.*020\.png, row 20"):
        run(folder, cache=cache, engine=engine, raise_first=True)


def test_damaged_part_is_measured_anew(folder: Path, tmp_path: Path):
    first = run(folder, cache=tmp_path / "cache")
    part = sorted((tmp_path / "cache").rglob("part-*.parquet"))[0]
    part.write_bytes(part.read_bytes()[:100])
    again = run(folder, cache=tmp_path / "cache")
    assert 0 < again.decoded <= 64
    same(first, again)


def test_killed_run_loses_at_most_a_part_per_worker(folder: Path, tmp_path: Path):
    script = textwrap.dedent(
        f"""
        import os, signal
        import numpy as np
        from sensitivity.extract import Config, Run, extract, picture_source
        from sensitivity.features import select
        from pathlib import Path

        folder = Path({str(folder)!r})
        names = np.array(sorted(path.name for path in folder.iterdir()), dtype=object)
        config = Config(select(["sharpness", "brightness", "bits_per_pixel"]))

        def die(done, total):
            if done >= 64:
                os.kill(os.getpid(), signal.SIGKILL)

        cache = Path({str(tmp_path / "cache")!r})
        run = Run(cache, "threads", 2)
        extract(names, picture_source(names, folder), config, run, progress=die)
        """
    )
    killed = subprocess.run([sys.executable, "-c", script], check=False)
    assert killed.returncode == -signal.SIGKILL
    resumed = run(folder, cache=tmp_path / "cache")
    assert resumed.cached >= 64
    assert resumed.cached + resumed.decoded == 150
    same(resumed, run(folder))
    left = [path.name for path in (tmp_path / "cache").rglob("*") if path.suffix == ".part"]
    assert len(left) <= 2, "no more than the parts that were being written"


def test_interrupt_ends_cleanly_and_keeps_what_is_done(folder: Path, tmp_path: Path):
    def interrupt(done: int, total: int) -> None:
        if done >= 64:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(folder, cache=tmp_path / "cache", engine="threads", workers=2, progress=interrupt)
    assert not [t for t in threading.enumerate() if t.name.startswith("sensitivity")]
    assert run(folder, cache=tmp_path / "cache").cached >= 64


def test_progress_counts_every_image_once(folder: Path):
    calls: list[tuple[int, int]] = []
    run(folder, progress=lambda done, total: calls.append((done, total)))
    assert calls[0] == (0, 150)
    assert calls[-1] == (150, 150)
    assert sorted(calls) == calls


def test_opencv_threads_are_as_before(folder: Path):
    before = cv2.getNumThreads()
    run(folder, names=["000.png"])
    assert cv2.getNumThreads() == before


def brittle(picture) -> float:
    if picture.luma[0, 0] % 2:
        raise ValueError("odd corner")
    return float(picture.luma[0, 0])


def test_own_function_that_fails_costs_its_own_value_only(folder: Path, tmp_path: Path):
    config = Config(select(["brightness", brittle]))
    found = run(folder, config=config, cache=tmp_path / "cache")
    failed = found.values["brittle"].isna()
    assert 0 < failed.sum() < 150
    assert found.values["brightness"].notna().all()
    assert len(found.failures) == failed.sum()
    assert set(found.failures["stage"]) == {"measure"}
    assert found.failures["reason"].iloc[0] == "brittle: ValueError: odd corner"


def test_own_functions_are_never_cached(folder: Path, tmp_path: Path):
    config = Config(select([brittle]))
    run(folder, config=config, cache=tmp_path / "cache")
    assert run(folder, config=config, cache=tmp_path / "cache").decoded == 150


def test_value_beyond_float32_is_a_failure_not_an_infinity(folder: Path):
    def huge(picture) -> float:
        return 1e300

    found = run(folder, names=["000.png"], config=Config(select([huge])))
    assert found.values["huge"].isna().all()
    assert "OverflowError" in found.failures["reason"][0]


def test_without_features_nothing_is_opened(tmp_path: Path):
    found = run(tmp_path, names=["gone.png"], config=Config(()))
    assert (found.decoded, found.cached, len(found.failures)) == (0, 0, 0)
    assert found.values.shape == (1, 0)


def test_arrays_and_loaders_give_what_files_give(folder: Path):
    names = [f"{i:03d}.png" for i in range(5)]
    config = Config(select(["sharpness", "brightness"]))
    listed = np.array(names, dtype=object)
    arrays = [cv2.imread(str(folder / name))[..., ::-1].copy() for name in names]
    from_files = run(folder, names, config)
    from_arrays = extract(listed, picture_source(listed, arrays), config, Run())
    from_loader = extract(
        listed, picture_source(listed, lambda name: arrays[names.index(name)]), config, Run()
    )
    same(from_files, from_arrays)
    same(from_files, from_loader)


def test_a_loader_that_fails_is_a_row(folder: Path):
    def loader(name: str) -> np.ndarray:
        raise RuntimeError("no connection")

    listed = np.array(["a", "b"], dtype=object)
    found = extract(listed, picture_source(listed, loader), CONFIG, Run())
    assert found.failures["status"].tolist() == ["crashed", "crashed"]
    assert found.failures["reason"][0] == "RuntimeError: no connection"


def test_sources_are_checked(tmp_path: Path):
    listed = np.array(["a", "b"], dtype=object)
    with pytest.raises(InputError, match="expected a folder, a list of arrays or a function"):
        picture_source(listed, 5)
    with pytest.raises(InputError, match="one array per name, got 1 for 2 names"):
        picture_source(listed, [np.zeros((2, 2), np.uint8)])
    with pytest.raises(InputError, match="folder that exists"):
        picture_source(listed, tmp_path / "nowhere")


def test_executors_are_checked():
    assert executor("auto", 1) == (Serial(1), 1)
    assert executor("serial", 5) == (Serial(1), 1)
    with pytest.raises(OptionError, match="engine: expected one of auto, serial, threads"):
        executor("gpu", None)
    with pytest.raises(OptionError, match="at least 1"):
        executor("threads", 0)


def test_threads_never_have_more_in_flight_than_asked():
    lock, now, most = threading.Lock(), [0], [0]
    enough = threading.Event()

    def work(task: int) -> int:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        enough.wait(0.002)
        with lock:
            now[0] -= 1
        return task

    taken: list[int] = []

    def tasks():
        for task in range(40):
            taken.append(task)
            yield task

    results = Threads(4).map_unordered(work, tasks(), in_flight=6)
    first = next(results)
    assert len(taken) <= 12, "tasks are drawn as they are needed"
    assert sorted([first, *results]) == list(range(40))
    assert most[0] <= 4


def test_every_default_feature_is_extracted(folder: Path):
    found = run(folder, names=["000.png"], config=Config(select(None)))
    wanted = [feature.name for feature in FEATURES if feature.default]
    assert list(found.values.columns) == wanted
    assert found.values.notna().all(axis=None)
