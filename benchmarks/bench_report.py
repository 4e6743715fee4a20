"""Time and size of the HTML report of large results, and how long a browser takes to open it.

Three sizes: many images (1,000,000 rows, 100 classes, 10 columns), many classes (50,000 rows,
1,000 classes, 15 columns), and the classes of a catalogue of goods (50,000 rows, 10,000 classes,
10 columns; every class once, the others as often as 1 / rank). Made-up predictions without image
files. Each runs in a process of its own, which gives the peak of its memory after the analysis,
and after saving, loading and reporting it. A page is open when its script has run: then every
control works.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

SIZES = {
    "images": (1_000_000, 100, 10),
    "classes": (50_000, 1_000, 15),
    "catalogue": (50_000, 10_000, 10),
}
MAX_SECONDS, MAX_MEGABYTES, MAX_OPEN, MAX_GIGABYTES = 60.0, 15.0, 3.0, 3.0

HEADS = ("analysis s", "save s", "load s", "report s", "MB", "open s", "before GB", "peak GB")


def make_report(which: str, path: Path) -> list[float]:
    """Seconds of analysis, saving, loading, report; gigabytes after the first and at the peak."""
    import sensitivity
    from sensitivity.report.modelarts import layout
    from sensitivity.report.writing import write_report

    rows, classes, columns = SIZES[which]
    rng = np.random.default_rng(0)
    labels = rng.integers(0, classes, rows)
    if which == "catalogue":
        chance = 1 / np.arange(1, classes + 1)
        often = rng.choice(classes, rows - classes, p=chance / chance.sum())
        labels = rng.permutation(np.concatenate((np.arange(classes), often)))
    table = pd.DataFrame({f"column_{j}": rng.normal(labels * j / 400) for j in range(columns)})
    # One class in ten is worse where column 1 is high.
    chance = 0.9 - 0.3 * ((labels % 10 == 3) & (table["column_1"] > 0.5))
    right = rng.random(rows) < chance
    predicted = np.where(right, labels, rng.integers(0, classes, rows))
    names = [f"images/{i:07d}.png" for i in range(rows)]
    start = time.perf_counter()
    analysis = sensitivity.analyse(
        predicted, labels, names, columns=table, features=(), save_path=None
    )
    times, before = [start, time.perf_counter()], gigabytes()
    saved = analysis.save(path.with_suffix(""), layout=layout(analysis))
    times.append(time.perf_counter())
    analysis = sensitivity.Analysis.load(saved)
    times.append(time.perf_counter())
    write_report(analysis, path)
    times.append(time.perf_counter())
    return [*np.diff(times).tolist(), before, gigabytes()]


def gigabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # kilobytes on Linux


def opening(path: Path) -> float | None:
    """Seconds until the page's script has run; the median of three. None without a browser."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        return None
    taken = []
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=found, args=options)
        for _ in range(3):
            page = browser.new_page(viewport={"width": 1200, "height": 900})
            page.set_default_timeout(120_000)
            start = time.perf_counter()
            page.goto(path.as_uri(), wait_until="domcontentloaded")
            # Answers once the script has run and the first picture is laid out.
            page.evaluate("() => document.getElementById('filters').getBoundingClientRect().top")
            taken.append(time.perf_counter() - start)
            page.close()
        browser.close()
    return sorted(taken)[1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path, help="folder to leave the reports in")
    parser.add_argument("--only", choices=SIZES, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.only:
        print(*make_report(given.only, given.keep / f"{given.only}.html"))
        return 0

    missed = False
    heads = "".join(f"{head:>11}" for head in HEADS)
    print(f"{'rows, classes, columns':24}{heads}")
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for which, (rows, classes, columns) in SIZES.items():
            command = [sys.executable, __file__, "--only", which, "--keep", str(folder)]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            *times, before, peak = map(float, done.stdout.split())
            path = (folder / f"{which}.html").resolve()
            megabytes, seconds = path.stat().st_size / 1e6, opening(path)
            missed |= times[-1] > MAX_SECONDS or megabytes > MAX_MEGABYTES or peak > MAX_GIGABYTES
            missed |= seconds is not None and seconds > MAX_OPEN
            told = [f"{value:.1f}" for value in (*times, megabytes)]
            told += ["–" if seconds is None else f"{seconds:.1f}", f"{before:.2f}", f"{peak:.2f}"]
            size = f"{rows:,} × {classes:,} × {columns}"
            print(f"{size:24}" + "".join(f"{value:>11}" for value in told))
    print(
        f"at most {MAX_SECONDS:.0f} s, {MAX_MEGABYTES:.0f} MB, {MAX_OPEN:.0f} s to open, "
        f"{MAX_GIGABYTES:.0f} GB: " + ("MISSED" if missed else "kept")
    )
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
