"""The house rules that no linter knows."""

import ast
import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

import pytest

import sensitivity

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "sensitivity"
MODULES = sorted(PACKAGE.rglob("*.py"))
FOLDERS = ("benchmarks", "docs", "examples", "notebooks", "sensitivity", "tests", "tools")
SCRIPTS = sorted(
    path
    for folder in set(FOLDERS) - {"sensitivity", "tests"}
    for path in (ROOT / folder).rglob("*.py")
)
TEXTS = sorted(
    path
    for path in [
        *ROOT.glob("*"),
        *(file for folder in FOLDERS for file in (ROOT / folder).rglob("*")),
    ]
    if path.is_file() and path.suffix in {"", ".ipynb", ".json", ".md", ".py", ".toml"}
)

MAX_LINES = 400
MAX_FUNCTION_LINES = 60
MAX_PUBLIC_NAMES = 12
VAGUE = {"base", "common", "core", "helper", "helpers", "manager", "misc", "util", "utils"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def module_names() -> list[str]:
    """Dotted names, without the package's own: ``bins``, ``inputs.samples``."""
    paths = [path.relative_to(PACKAGE).with_suffix("") for path in MODULES]
    names = {".".join(path.parts).removesuffix("__init__").rstrip(".") for path in paths}
    return sorted(names - {"", "__main__"})


def functions(path: Path) -> list[Function]:
    tree = ast.parse(path.read_text("utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, Function)]


def lines_without_docstring(function: Function) -> int:
    assert function.end_lineno is not None
    n_lines = function.end_lineno - function.lineno + 1
    if ast.get_docstring(function, clean=False) is None:
        return n_lines
    docstring = function.body[0]
    assert docstring.end_lineno is not None
    return n_lines - (docstring.end_lineno - docstring.lineno + 1)


def run_python(code: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run ``code`` in an interpreter of its own, so that nothing is imported yet."""
    command = [sys.executable, *options, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=False)


# The public face


def test_import_loads_nothing_heavy() -> None:
    heavy = {"cv2", "matplotlib", "pandas", "pyarrow", "scipy", "sklearn", "torch"}
    run = run_python("import sys, sensitivity; print(*sys.modules)")
    assert run.returncode == 0, run.stderr
    assert heavy.isdisjoint(run.stdout.split())


def test_import_is_silent() -> None:
    run = run_python("import sensitivity", "-W", "error")
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_few_public_names() -> None:
    assert 1 <= len(sensitivity.__all__) <= MAX_PUBLIC_NAMES
    assert len(set(sensitivity.__all__)) == len(sensitivity.__all__)


@pytest.mark.parametrize("name", sensitivity.__all__)
def test_public_name_resolves_on_first_use(name: str) -> None:
    code = f"import sensitivity as s; assert {name!r} not in vars(s); s.{name}; vars(s)[{name!r}]"
    run = run_python(code)
    assert run.returncode == 0, run.stderr
    assert name in dir(sensitivity)


@pytest.mark.parametrize("name", sensitivity.__all__)
def test_public_name_is_documented(name: str) -> None:
    value = getattr(sensitivity, name)
    if callable(value):
        assert value.__doc__


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonesuch'"):
        sensitivity.nonesuch  # noqa: B018


def test_package_is_typed() -> None:
    assert (PACKAGE / "py.typed").is_file()


# Names


def test_no_module_bears_the_name_of_a_public_one() -> None:
    stems = {part for name in module_names() for part in name.split(".")}
    assert stems.isdisjoint(sensitivity.__all__)


@pytest.mark.parametrize("name", module_names())
def test_module_name_says_what_it_holds(name: str) -> None:
    stem = name.rpartition(".")[2]
    assert stem not in VAGUE
    assert stem not in sys.stdlib_module_names


@pytest.mark.parametrize(
    "package", sorted(PACKAGE.rglob("__init__.py")), ids=lambda path: path.parent.name
)
def test_package_binds_no_name_over_its_own_modules(package: Path) -> None:
    """``from .mean import mean`` would make the module ``mean`` unreachable."""
    modules = {path.stem for path in package.parent.iterdir()} - {"__init__"}
    tree = ast.parse(package.read_text("utf-8"))
    bound = {node.name for node in tree.body if isinstance(node, Function | ast.ClassDef)}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            bound |= {alias.asname or alias.name for alias in node.names}
    assert modules.isdisjoint(bound)


# Size


@pytest.mark.parametrize("path", [*MODULES, *SCRIPTS], ids=name_of)
def test_file_is_short(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= MAX_LINES


@pytest.mark.parametrize("path", [*MODULES, *SCRIPTS], ids=name_of)
def test_functions_are_short(path: Path) -> None:
    lengths = {function.name: lines_without_docstring(function) for function in functions(path)}
    assert {name: n for name, n in lengths.items() if n > MAX_FUNCTION_LINES} == {}


# Public functions


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_public_functions_have_docstrings(path: Path) -> None:
    bare = [
        node.name
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, Function | ast.ClassDef)
        and not node.name.startswith("_")
        and ast.get_docstring(node) is None
    ]
    assert bare == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_public_functions_name_their_keywords(path: Path) -> None:
    open_ended = [
        function.name
        for function in functions(path)
        if not function.name.startswith("_") and function.args.kwarg is not None
    ]
    assert open_ended == []


# What is shipped


def test_version_is_the_installed_one() -> None:
    assert importlib.metadata.version("vision-sensitivity") == sensitivity.__version__


def test_changelog_has_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.search(rf"^## {re.escape(sensitivity.__version__)}\b", changelog, re.MULTILINE)


def test_licence_is_whole() -> None:
    licence = (ROOT / "LICENSE").read_text("utf-8")
    assert "Version 2.0, January 2004" in licence
    assert "END OF TERMS AND CONDITIONS" in licence


@pytest.mark.parametrize("path", TEXTS, ids=name_of)
def test_no_path_of_somebodys_machine(path: Path) -> None:
    home = re.compile(r"(?<![\w.])/(home|root|Users|work)/|[A-Z]:\\Users\\")
    assert home.findall(path.read_text("utf-8")) == []
