"""Users' files: loaded by path, with errors that say what is wrong with them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sensitivity.cli import loading
from sensitivity.errors import DependencyError, InputError, OptionError

GOOD = """
import beside
from dataclasses import dataclass

@dataclass
class Model:
    scale: float
    def __call__(self, images):
        return self.scale * images

def load():
    return Model(beside.SCALE)

def preprocess(image):
    import lazily
    return image + lazily.OFFSET

def nothing():
    return None

def fails():
    raise RuntimeError("no weights\\nhere")

def wants(path):
    return Model(1.0)

class Net:
    def forward(self): ...
    def __call__(self, images): return images

net = Net()
number = 3
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "beside.py").write_text("SCALE = 2.0\n")
    (tmp_path / "lazily.py").write_text("OFFSET = 1\n")
    path = tmp_path / "my_model.py"
    path.write_text(GOOD)
    yield path
    for name in ("beside", "lazily", "_sensitivity_user_my_model"):
        sys.modules.pop(name, None)


def test_model_and_preprocessing_find_what_lies_beside_them(file):
    before = list(sys.path)
    with loading.user_folders():
        model, named = loading.load_model(f"{file}:load")
        preprocess = loading.load_preprocess(None, named)
        assert preprocess(1) == 2, "imports when called are found, too"
    assert model(3.0) == 6.0
    assert sys.path == before


def test_search_path_is_restored_after_an_error(file):
    before = list(sys.path)
    with pytest.raises(InputError), loading.user_folders():
        loading.load_model(f"{file}:fails")
    assert sys.path == before


def test_a_model_that_stands_in_the_file_is_taken_as_it_is(file):
    with loading.user_folders():
        model, named = loading.load_model(f"{file}:net")
    assert model is named.module.net


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("laod", OptionError, "model: expected a name of my_model.py: Model, load, preprocess, "),
        ("nothing", InputError, "model: expected nothing to return a model that can be called, "),
        ("nothing", InputError, "got NoneType"),
        ("fails", InputError, r"got RuntimeError: no weights here \(.*my_model.py, line 22\)"),
        ("wants", InputError, "called without arguments, got TypeError"),
        ("number", InputError, "model: expected number to be a function, got int"),
    ],
)
def test_what_is_wrong_with_a_function(file, name, error, message):
    with loading.user_folders(), pytest.raises(error, match=message):
        loading.load_model(f"{file}:{name}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("model.py", "model: expected FILE.py:NAME, got 'model.py'"),
        ("model.py:", "model: expected FILE.py:NAME"),
        ("model.py:a b", "model: expected FILE.py:NAME"),
        ("model.txt:load", "model: expected FILE.py:NAME"),
        ("nowhere.py:load", "model: expected a file, got nowhere.py"),
    ],
)
def test_what_is_no_name(text, message):
    with pytest.raises(OptionError, match=message):
        loading.load_named(text, "model")


@pytest.mark.parametrize(
    ("code", "error", "message"),
    [
        ("import torch_no_such", DependencyError, "torch_no_such: expected it to be installed"),
        ("x = 1\n1 / 0", InputError, r"got ZeroDivisionError.*broken.py, line 2\)"),
        ("def load(:", InputError, r"got SyntaxError: .*line 1"),
        ("raise SystemExit(3)", InputError, "got SystemExit: 3"),
    ],
)
def test_a_file_that_does_not_run(tmp_path, code, error, message):
    (tmp_path / "broken.py").write_text(code)
    with loading.user_folders(), pytest.raises(error, match=message):
        loading.load_named(f"{tmp_path / 'broken.py'}:load", "model")
    assert "_sensitivity_user_broken" not in sys.modules


def test_torch_that_a_file_lacks_is_named_with_how_to_get_it(tmp_path, monkeypatch):
    (tmp_path / "broken.py").write_text("import torch")
    monkeypatch.setitem(sys.modules, "torch", None)
    with loading.user_folders(), pytest.raises(DependencyError, match=r"pip install 'vision"):
        loading.load_named(f"{tmp_path / 'broken.py'}:load", "model")


def test_preprocessing_of_another_file_or_none(file, tmp_path):
    (tmp_path / "other.py").write_text("def prepare(image):\n    return 7\n\nnumber = 3\n")
    with loading.user_folders():
        _, named = loading.load_model(f"{file}:load")
        assert loading.load_preprocess(f"{tmp_path / 'other.py'}:prepare", named)(0) == 7
        with pytest.raises(InputError, match="preprocess: expected number to be a function"):
            loading.load_preprocess(f"{tmp_path / 'other.py'}:number", named)
        _, bare = loading.load_model(f"{file}:net")
        del bare.module.preprocess
        with pytest.raises(OptionError, match=r"or a function preprocess in my_model\.py"):
            loading.load_preprocess(None, bare)


def test_transforms_are_an_object_or_what_a_function_returns(tmp_path):
    code = "class Compose:\n    transforms = []\n    def __call__(self, x): return x\n\n"
    code += "given = Compose()\n\ndef make():\n    return given\n"
    (tmp_path / "training.py").write_text(code)
    with loading.user_folders():
        found = [
            loading.load_transforms(f"{tmp_path / 'training.py'}:{n}") for n in ("given", "make")
        ]
    assert all(type(each).__name__ == "Compose" for each in found)


def test_without_torch_it_is_said_how_to_get_it(monkeypatch):
    monkeypatch.setattr(loading, "find_spec", lambda name: None)
    with pytest.raises(DependencyError, match="torch: expected it to be installed: pip install"):
        loading.require_torch()
