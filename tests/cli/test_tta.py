"""``sensitivity tta``: what it hands to the doors, what it writes, and what it says."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

import sensitivity
from sensitivity.catalogue import ORIGINAL, ViewSpec
from sensitivity.cli import loading, main
from sensitivity.result import Analysis
from sensitivity.tta.logits import ViewLogits

N = 60
VIEWS = (ORIGINAL, ViewSpec("gamma", 0.67, "brightness", "up", "trend"))
MODEL = (
    "def load():\n    return lambda images: images\n\ndef preprocess(image):\n    return image\n"
)


def collected(views=VIEWS) -> ViewLogits:
    y = np.arange(N) % 2
    z = np.zeros((len(views), N, 2), dtype=np.float32)
    return ViewLogits(tuple(f"{i}.png" for i in range(N)), y, tuple(views), z, ("0", "1"))


@pytest.fixture
def doors(monkeypatch, make_remedy) -> dict[str, Any]:
    """What the doors were called with; they answer with a remedy made by hand."""
    calls: dict[str, Any] = {"remedy": make_remedy()}

    def collect_for(analysis, model, preprocess, **options):
        calls["collect"] = {"preprocess": preprocess, **options}
        options["announce"]("1 view; about 3 s")
        for done in (20, 40, N):
            options["progress"](done, N)
        return collected((*VIEWS, *options["always"]))

    def try_remedies(analysis, logits, **options):
        calls["try"] = {"logits": logits, **options}
        return replace(analysis, remedy=calls["remedy"])

    def read_transforms(transform):
        calls["transform"] = transform
        views = (ViewSpec("rot90", 2.0, source="training"),)
        return SimpleNamespace(views=views, notes=("one of them is not known",))

    for name, functions in {
        "run": (try_remedies,),
        "trial": (collect_for,),
        "transforms": (read_transforms,),
    }.items():
        module = ModuleType(f"sensitivity.tta.{name}")
        for function in functions:
            setattr(module, function.__name__, function)
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(loading, "find_spec", lambda name: object())
    return calls


@pytest.fixture
def result(tmp_path: Path) -> Path:
    sensitivity.analyse(
        np.arange(N) % 2,
        np.arange(N) % 2,
        [f"{i}.png" for i in range(N)],
        columns={"hour": range(N)},
        features=(),
        save_path=tmp_path / "r",
        cache=None,
    )
    (tmp_path / "my_net.py").write_text(MODEL)
    return tmp_path / "r"


def run(capsys, *words: object) -> tuple[int, str, str]:
    code = main([str(word) for word in words])
    return (code, *capsys.readouterr())


def with_model(result: Path) -> list[object]:
    return ["tta", result, "--model", f"{result.parent / 'my_net.py'}:load"]


def test_collects_judges_writes_and_prints(doors, result, capsys):
    code, out, err = run(capsys, *with_model(result), "--images", "photos")
    assert code == 0
    assert out.splitlines()[0].startswith("1,111 images · judged out of fold")
    assert out.rstrip().splitlines()[-1].endswith("(NLL −.004 nats).")
    assert "collecting: 60 images × at most 33 views = 1,980 forward passes" in err
    assert "collecting: 1 view; about 3 s" in err
    assert "note: one note" in err
    assert str(result / "view_logits.npz") in err
    assert Analysis.load(result).remedy.settings["verdict"] == "use"
    assert ViewLogits.load(result / "view_logits.npz").views == VIEWS
    assert (result / "policy.json").is_file()
    assert (result / "tables" / "tta_strategies.parquet").is_file()
    assert "en-us" in json.loads((result / "model_analysis_results.json").read_text())
    assert doors["collect"]["images"] == Path("photos")
    assert doors["collect"]["preprocess"](5) == 5


def test_cost_is_told_before_anything_is_collected(doors, result, capsys, monkeypatch):
    seen = []
    real = sys.modules["sensitivity.tta.trial"].collect_for

    def collect_for(*given, **options):
        seen.append(capsys.readouterr().err)
        return real(*given, **options)

    monkeypatch.setattr(sys.modules["sensitivity.tta.trial"], "collect_for", collect_for)
    assert main([str(word) for word in with_model(result)]) == 0
    assert "1,980 forward passes" in seen[0]


def test_words_reach_the_doors(doors, result, capsys):
    (result.parent / "training.py").write_text("def make():\n    return 'transforms'\n")
    words = [
        *with_model(result), "--declare", "hflip", "--declare", "vflip", "--views", "gamma(2)",
        "--mix", "original=.5,vflip=.5", "--mix", "original=.5,box_blur(3)=.5", "--device", "cpu",
        "--batch-size", "8", "--precision", "bfloat16", "--objective", "recall:1",
        "--max-accuracy-loss", ".02", "--max-passes", "2", "--pool", "probabilities", "--rng", "3",
        "--transforms", f"{result.parent / 'training.py'}:make", "--max-views", "9",
        "--no-intervene",
    ]  # fmt: skip
    code, _, err = run(capsys, *words)
    assert code == 0, err
    assert doors["transform"] == "transforms"
    assert "note: one of them is not known" in err
    views = {view.name: view.source for view in doors["collect"]["always"]}
    assert views == {
        "hflip": "declared", "vflip": "declared", "rot90(2)": "training", "gamma(2)": "chosen",
        "box_blur(3)": "registered",
    }  # fmt: skip
    told = {key: doors["collect"][key] for key in ("move", "max_views", "of_class")}
    assert told == {"move": False, "max_views": 9, "of_class": "1"}
    told = {key: doors["collect"][key] for key in ("device", "batch_size", "precision")}
    assert told == {"device": "cpu", "batch_size": 8, "precision": "bfloat16"}
    given = {key: value for key, value in doors["try"].items() if key not in ("logits", "progress")}
    assert given == {
        "objective": "recall:1",
        "max_accuracy_loss": 0.02,
        "max_passes": 2.0,
        "mixtures": {
            ".5 original + .5 vflip": {"original": 0.5, "vflip": 0.5},
            ".5 original + .5 box_blur(3)": {"original": 0.5, "box_blur(3)": 0.5},
        },
        "pool": "probabilities",
        "rng": 3,
    }


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), (None, None)),
        (("--mean", "0.5", "--std", "0.25"), ([0.5], [0.25])),
        (
            ("--mean", ".485", ".456", ".406", "--std", ".229", ".224", ".225"),
            ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        ),
        (("--mean", "-0.5", "0", "1", "--std", "1"), ([-0.5, 0.0, 1.0], [1.0])),
    ],
)
def test_the_normalisation_reaches_the_door(doors, result, capsys, words, told):
    code, _, err = run(capsys, *with_model(result), *words)
    assert code == 0, err
    assert (doors["collect"]["mean"], doors["collect"]["std"]) == told


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--mean", ".5"), "mean and std: expected both or neither, got no --std"),
        (("--std", ".5"), "mean and std: expected both or neither, got no --mean"),
        (("--mean", ".5", ".5", "--std", "1"), "mean: expected one number, or three (red, green"),
        (("--mean", "0", "--std", "1", "0", "1"), "std: expected numbers above 0, got 1 0 1"),
        (("--mean", "0", "--std", "-1"), "std: expected numbers above 0, got -1"),
        (("--mean", "nan", "--std", "1"), "mean: expected finite numbers, got nan"),
        (("--mean", "a", "--std", "1"), "--mean"),
    ],
)
def test_a_wrong_normalisation_is_refused_before_the_model_is_run(
    doors, result, capsys, words, message
):
    code, out, err = run(capsys, *with_model(result), *words)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err
    assert "collect" not in doors


def test_a_normalisation_without_a_model_is_refused(doors, result, capsys):
    collected().save(result / "view_logits.npz")
    code, _, err = run(capsys, "tta", result, "--mean", "0", "--std", "1")
    assert code == 2
    assert "mean: expected --model FILE.py:FUNCTION, whose input it describes, got 0" in err


def test_the_same_views_can_be_collected_again(doors, result, capsys, tmp_path):
    views = (*VIEWS, ViewSpec("vflip", 1.0, source="training"))
    collected(views).save(tmp_path / "kept.npz")
    words = ("--like", tmp_path / "kept.npz", "--mix", "original=.5,vflip=.5")
    code, _, err = run(capsys, *with_model(result), *words)
    assert code == 0, err
    assert doors["collect"]["always"] == views[1:]
    told = {key: doors["collect"][key] for key in ("move", "max_views")}
    assert told == {"move": False, "max_views": 2}
    assert "60 images × at most 3 views = 180 forward passes" in err


def test_what_was_collected_is_judged_without_a_model(doors, result, capsys, tmp_path):
    collected().save(tmp_path / "kept.npz")
    code, out, err = run(capsys, "tta", result, "--logits", tmp_path / "kept.npz", "--lang", "zh")
    assert (code, "collecting" in err) == (0, False)
    assert out.rstrip().endswith("（NLL −.004 nat）。")
    assert not (result / "view_logits.npz").exists()
    collected().save(result / "view_logits.npz")
    code, _, err = run(capsys, "tta", result / "model_analysis_results.json")
    assert code == 0
    assert "judging what was collected earlier" in err


def test_only_collecting_judges_nothing(doors, result, capsys):
    code, out, _ = run(capsys, *with_model(result), "--collect-only")
    assert (code, out) == (0, "")
    assert "try" not in doors
    assert (result / "view_logits.npz").is_file()
    assert Analysis.load(result).remedy is None


def test_json_is_json_and_nothing_else(doors, result, capfdbinary):
    assert main([str(word) for word in [*with_model(result), "--json"]]) == 0
    content = json.loads(capfdbinary.readouterr().out)
    assert content == json.loads(json.dumps(Analysis.load(result).remedy.to_dict()))


def test_all_shows_more(doors, result, capsys):
    collected().save(result / "view_logits.npz")
    _, short, _ = run(capsys, "tta", result)
    _, everything, _ = run(capsys, "tta", result, "--all")
    assert "macro-F1" in everything
    assert "macro-F1" not in short


def test_identity_leaves_no_policy(doors, result, capsys, make_remedy):
    run(capsys, *with_model(result))
    doors["remedy"] = make_remedy("do not use", identity=True)
    code, out, _ = run(capsys, "tta", result)
    assert code == 0
    assert "policy: the original alone; nothing is changed." in out
    assert not (result / "policy.json").exists()


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ([], 2, "model: expected --model FILE.py:FUNCTION, or --logits FILE.npz"),
        (["--collect-only"], 2, "collect-only: expected --model"),
        (["--logits", "no.npz"], 3, "view logits: expected an npz file"),
        (["--logits", "kept.npz", "--model", "a.py:load"], 2, "either --model or --logits"),
        (["--logits", "kept.npz", "--mix", "original=.5,vflip=.5"], 2, "views that were collected"),
        (["--mix", "original=.5,sepia=.5"], 2, "mix: expected an operation among"),
        (["--mix", "original=.5"], 2, "mix: expected shares of 0 or more that add up to 1"),
        (["--mix", "half"], 2, "mix: expected VIEW=SHARE,VIEW=SHARE"),
        (["--model", "nowhere.py:load"], 2, "model: expected a file, got nowhere.py"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_wrong_words(doors, result, capsys, tmp_path, monkeypatch, words, code, message):
    monkeypatch.chdir(tmp_path)
    collected().save("kept.npz")
    found, out, err = run(capsys, "tta", result, *words)
    assert (found, out) == (code, "")
    assert message in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--declare", "gamma"], "declare: expected one of hflip, vflip, rot90, channel_flip"),
        (["--views", "vflip"], "got vflip (if an image stays of its class under it: --declare"),
        (["--mix", "original=.5,vflip=.5"], "views: expected a symmetry to be declared"),
        (["--views", "gamma(99)"], "expected a dose of gamma from"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_views_that_are_refused(doors, result, capsys, words, message):
    code, out, err = run(capsys, *with_model(result), *words)
    assert (code, out) == (2, "")
    assert message in err
    assert "collect" not in doors


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--objective", "recall:dent"], "objective: expected a class among 0, 1, got dent"),
        (["--max-views", "-3"], "max-views: expected 0 or more, got -3"),
        (["--mix", "original=nan,vflip=.5"], "mix: expected shares of 0 or more that add up to 1"),
        (["--objective", "f1"], "objective: expected nll, balanced_accuracy or recall:CLASS"),
        (["--max-passes", "0.5"], "max_passes: expected 1 or more, got 0.5"),
        (["--max-accuracy-loss", "2"], "max_accuracy_loss: expected a share from 0 to 1, got 2"),
        (["--rng", "-1"], "rng: expected a whole number of 0 or more, got -1"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_how_it_is_judged_is_checked_before_anything_is_collected(
    doors, result, capsys, words, message
):
    code, out, err = run(capsys, *with_model(result), *words)
    assert (code, out) == (2, "")
    assert message in err
    assert "collect" not in doors


def test_names_from_outside_break_no_line(doors, result, capsys):
    doors["remedy"].settings["notes"] = ["the first: a\nb\x1b[31m\u202e.png"]
    hostile = replace(collected(), classes=("<b>\n", '"><img src=x>'))
    hostile.save(result / "view_logits.npz")
    code, _, err = run(capsys, "tta", result)
    assert code == 0
    assert r"note: the first: a\nb\x1b[31m\u202e.png" in err.splitlines()
    code, _, err = run(capsys, "tta", result, "--mix", "original=.5,gamma(\x1b2)=.5")
    assert (code, err.count("\n"), "\x1b" in err) == (2, 1, False)


def test_the_answer_is_printed_even_if_it_cannot_be_kept(doors, result, capsys, tmp_path):
    collected().save(tmp_path / "kept.npz")
    (result / "policy.json").mkdir()
    code, out, err = run(capsys, "tta", result, "--logits", tmp_path / "kept.npz")
    assert code == 1
    assert out.startswith("1,111 images")
    assert "policy.json" in err
    assert "Traceback" not in err


def test_without_torch_it_is_said_how_to_get_it(doors, result, capsys, monkeypatch):
    monkeypatch.setattr(loading, "find_spec", lambda name: None)
    code, _, err = run(capsys, *with_model(result))
    assert code == 2
    assert "torch: expected it to be installed: pip install 'vision-sensitivity[tta]'" in err


def test_help_names_every_option(capsys):
    code, out, _ = run(capsys, "tta", "--help")
    assert code == 0
    for option in (
        "--model",
        "--logits",
        "--declare",
        "--mix",
        "--max-passes",
        "--no-intervene",
        "--mean",
        "--std",
    ):
        assert option in out
