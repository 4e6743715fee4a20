"""What users name as FILE.py:NAME: their model, its preprocessing, their transforms."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from ..errors import DependencyError, InputError, OptionError, did_you_mean

TORCH = "pip install 'vision-sensitivity[tta]'"


@dataclass(frozen=True)
class Named:
    """What a user's file holds under a name.

    Attributes
    ----------
    option : str
        The option that named it.
    path : pathlib.Path
        The file.
    name : str
        The name in it.
    module : module
        The file, run.
    value : object
        What it holds.
    """

    option: str
    path: Path
    name: str
    module: ModuleType
    value: Any


@contextmanager
def user_folders() -> Iterator[None]:
    """Undo afterwards what loading users' files does to the modules' search path.

    Yields
    ------
    None
        What is loaded meanwhile finds the modules beside it, also later, when it is called.
    """
    before = list(sys.path)
    try:
        yield
    finally:
        sys.path[:] = before


def require_torch() -> None:
    """Refuse to go on without PyTorch.

    Raises
    ------
    DependencyError
        It is not installed.
    """
    if find_spec("torch") is None:
        raise DependencyError("torch", f"expected it to be installed: {TORCH}")


def load_named(text: str, option: str) -> Named:
    """Run a user's file, its own folder searched first as a script's is, and take a name from it.

    Parameters
    ----------
    text : str
        ``FILE.py:NAME``.
    option : str
        The option, for messages.

    Returns
    -------
    Named

    Raises
    ------
    OptionError
        Another form, no such file, no such name.
    DependencyError
        The file imports what is not installed.
    InputError
        The file raises.
    """
    file, colon, name = text.rpartition(":")
    path = Path(file)
    if not colon or path.suffix != ".py" or not name.isidentifier():
        raise OptionError(option, "expected FILE.py:NAME", got=repr(text))
    if not path.is_file():
        raise OptionError(option, "expected a file", got=file)
    path = path.resolve()
    if sys.path[:1] != [str(path.parent)]:
        sys.path.insert(0, str(path.parent))
    module = _run(path, option)
    if not hasattr(module, name):
        known = [key for key, value in vars(module).items() if _is_own(module, key, value)]
        rule = f"expected a name of {path.name}" + (f": {', '.join(known)}" if known else "")
        raise OptionError(option, rule, got=name, where=did_you_mean(name, known))
    return Named(option, path, name, module, getattr(module, name))


def load_model(text: str) -> tuple[Any, Named]:
    """The model that a user's function returns, or that a name of a file is.

    Parameters
    ----------
    text : str
        ``FILE.py:FUNCTION``; the function is called without arguments.

    Returns
    -------
    model : object
        Can be called.
    named : Named
        Where it is from.

    Raises
    ------
    OptionError, DependencyError, InputError
        As :func:`load_named`; the function raises, or what it returns cannot be called.
    """
    named = load_named(text, "model")
    # A module that was built when the file was run is a model already.
    is_model = hasattr(named.value, "forward") and not isinstance(named.value, type)
    model = named.value if is_model else _called(named)
    if not callable(model) or isinstance(model, type):
        got = model.__name__ if isinstance(model, type) else type(model).__name__
        rule = f"expected {named.name} to return a model that can be called"
        raise InputError("model", rule, got=got, where=str(named.path))
    return model, named


def load_preprocess(text: str | None, model: Named) -> Any:
    """The function that makes a model's input of a decoded image.

    Parameters
    ----------
    text : str, optional
        ``FILE.py:FUNCTION``; None: the function `preprocess` of the model's file.
    model : Named
        Where the model is from.

    Returns
    -------
    callable

    Raises
    ------
    OptionError, DependencyError, InputError
        As :func:`load_named`; there is none, or it cannot be called.
    """
    if text is None:
        found = getattr(model.module, "preprocess", None)
        if found is None:
            rule = f"expected FILE.py:FUNCTION, or a function preprocess in {model.path.name}"
            raise OptionError("preprocess", rule, got="neither")
        name = "preprocess"
    else:
        named = load_named(text, "preprocess")
        found, name = named.value, named.name
    if not callable(found):
        rule = f"expected {name} to be a function"
        raise InputError("preprocess", rule, got=type(found).__name__)
    return found


def load_transforms(text: str) -> Any:
    """The transforms of a training.

    Parameters
    ----------
    text : str
        ``FILE.py:NAME``: a Compose, or a function that returns one.

    Returns
    -------
    object

    Raises
    ------
    OptionError, DependencyError, InputError
        As :func:`load_named`.
    """
    named = load_named(text, "transforms")
    if hasattr(named.value, "transforms") or not callable(named.value):
        return named.value
    return _called(named)


def _run(path: Path, option: str) -> ModuleType:
    name = f"_sensitivity_user_{path.stem}"
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise OptionError(option, "expected a Python file", got=str(path))
    module = module_from_spec(spec)
    # Dataclasses and pickles look their module up.
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise _told(error, option, path, "expected a file that can be run") from error
    return module


def _called(named: Named) -> Any:
    if not callable(named.value):
        rule = f"expected {named.name} to be a function"
        got = type(named.value).__name__
        raise InputError(named.option, rule, got=got, where=str(named.path))
    try:
        return named.value()
    except (Exception, SystemExit) as error:
        rule = f"expected {named.name}() to return, called without arguments"
        raise _told(error, named.option, named.path, rule) from error


def _told(error: BaseException, option: str, path: Path, rule: str) -> InputError | DependencyError:
    """An error of a user's file in one line, with the line of that file."""
    if isinstance(error, ModuleNotFoundError) and error.name:
        hint = f": {TORCH}" if error.name == "torch" else ""
        return DependencyError(
            error.name, f"expected it to be installed{hint}", where=f"imported by {path}"
        )
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(path)]
    lines = [error.lineno] if isinstance(error, SyntaxError) else lines
    where = f"{path}, line {lines[-1]}" if lines else str(path)
    text = " ".join(str(error).split())
    return InputError(option, rule, got=f"{type(error).__name__}: {text}", where=where)


def _is_own(module: ModuleType, key: str, value: object) -> bool:
    own = getattr(value, "__module__", None) == module.__name__
    return callable(value) and own and not key.startswith("_")
