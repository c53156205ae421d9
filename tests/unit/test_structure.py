"""The shape of the package: short modules, small rooms, few parameters, no circles."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

import jaksim

ROOT = Path(jaksim.__file__).parent
MOST_PARAMETERS = 12
MOST_MODULES = 25
LONGEST_MEDIAN = 100


def name_of(path: Path, root: Path) -> str:
    parts = path.relative_to(root.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def modules_in(root: Path) -> dict[str, ast.Module]:
    return {name_of(path, root): ast.parse(path.read_text("utf-8")) for path in sorted(root.rglob("*.py"))}


@pytest.fixture(scope="module")
def modules():
    return modules_in(ROOT)


def imported(tree: ast.Module, modules: dict[str, ast.Module]) -> Iterator[str]:
    """Modules that one imports anywhere: at its top, inside functions, under TYPE_CHECKING."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name the whole path"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                if inner in modules:
                    yield inner
                elif node.module in modules:
                    yield node.module


def circles(graph: dict[str, set[str]]) -> set[str]:
    """Modules that reach themselves by imports, or lie between such."""
    left = {name: set(targets) for name, targets in graph.items()}
    while leaves := [name for name, targets in left.items() if not targets & left.keys()]:
        for name in leaves:
            del left[name]
    while roots := [name for name in left if not any(name in targets for targets in left.values())]:
        for name in roots:
            del left[name]
    return set(left)


def graph_of(modules: dict[str, ast.Module]) -> dict[str, set[str]]:
    return {name: set(imported(tree, modules)) for name, tree in modules.items()}


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    given = function.args
    return len(given.posonlyargs) + len(given.args) + len(given.kwonlyargs)


def test_no_function_outside_the_kernels_has_more_than_twelve_parameters(modules):
    found = [
        (name, node.name, parameters(node))
        for name, tree in modules.items()
        if not name.startswith("jaksim.kernel")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and parameters(node) > MOST_PARAMETERS
    ]
    assert found == []


def test_no_room_has_more_than_twenty_five_modules():
    rooms = Counter(path.parent for path in ROOT.rglob("*.py") if path.name != "__init__.py")
    assert {str(room): n for room, n in rooms.items() if n > MOST_MODULES} == {}


def test_half_of_the_modules_have_at_most_a_hundred_lines():
    assert median(len(path.read_text("utf-8").splitlines()) for path in ROOT.rglob("*.py")) <= LONGEST_MEDIAN


def test_no_imports_go_in_circles(modules):
    assert circles(graph_of(modules)) == set()


def test_no_module_imports_the_package_itself(modules):
    found = [
        name
        for name, tree in modules.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import) and any(alias.name == "jaksim" for alias in node.names)
    ]
    assert found == []
    assert [name for name, targets in graph_of(modules).items() if "jaksim" in targets] == []


@pytest.mark.parametrize(
    "importing",
    [
        "from box.second import x",
        "def later():\n    from box import second",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from box.second import x",
        "import box.second",
    ],
)
def test_a_circle_would_be_found(tmp_path, importing):
    root = tmp_path / "box"
    root.mkdir()
    (root / "__init__.py").write_text("")
    (root / "first.py").write_text(importing)
    (root / "second.py").write_text("from box.third import y")
    (root / "third.py").write_text("from box import first")
    (root / "aside.py").write_text("from box import first")
    assert circles(graph_of(modules_in(root))) == {"box.first", "box.second", "box.third"}
    (root / "third.py").write_text("y = 1")
    assert circles(graph_of(modules_in(root))) == set()
