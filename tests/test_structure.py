"""The house rules that can be checked: imports go down only, heavy packages load late, the wheel is complete."""

from __future__ import annotations

import ast
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import ragkit

ROOT = Path(__file__).resolve().parents[1]
MAPPED = {"eval": "ragkit.eval", "nano": "ragkit.nano", "prompts": "ragkit.prompts", "ui": "ragkit.ui"}

# A module may import only from floors below its own, or from its own room (package).
FLOORS = [
    {"errors"},
    {"stopping"},
    {"types"},
    {"asking"},
    {"config", "templates", "text", "changes", "hardware", "plugins"},
    {"catalogue"},
    {"models"},
    {"store", "embedding", "rerank", "engines", "loaders"},
    {"views", "fusion"},
    {"index", "reader"},
    {"augment"},
    {"citing"},
    {"reasoning"},
    {"rag"},
    {"langchain", "cli", "server", "doctor", "__init__"},
    {"nano", "prompts"},
    {"eval"},
    {"tune"},
    {"ui", "__main__"},
]
MOST_MODULES = 20  # of a folder: what can be taken in at one look
HEAVY = {"torch", "faiss", "vllm", "transformers", "gradio", "sentence_transformers", "sqlalchemy", "tantivy", "lxml"}


def module_files() -> dict[str, Path]:
    files = {}
    for folder, package in {"ragkit": "ragkit", **MAPPED}.items():
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT / folder).with_suffix("").parts
            files[".".join([package, *parts])] = path
    return files


def room(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def imports(module: str, path: Path) -> set[str]:
    """Absolute names of the ragkit modules that `path` imports at run time, inside functions too."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(child)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for child in ast.walk(node)
    }
    base = module.split(".")[:-1]  # modules are keyed with their file name: ragkit.store.__init__ too
    found: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            found |= {a.name for a in node.names}
        elif isinstance(node, ast.ImportFrom):
            package = base[: len(base) - node.level + 1] if node.level else []
            name = ".".join([*package, *([node.module] if node.module else [])])
            found |= {name} if node.module else {f"{name}.{a.name}" for a in node.names}
            if name == "ragkit":
                found |= {f"ragkit.{a.name}" for a in node.names}
    return {name for name in found if name.split(".")[0] == "ragkit" and not name.endswith("__version__")}


def floor(name: str) -> int:
    for level, rooms in enumerate(FLOORS):
        if name in rooms:
            return level
    raise AssertionError(f"ragkit.{name} has no floor; give it one in FLOORS and in the README")


@pytest.mark.parametrize(("module", "path"), module_files().items(), ids=list(module_files()))
def test_imports_go_down_only(module: str, path: Path) -> None:
    here = room(module)
    for target in imports(module, path):
        there = room(target)
        if there == here or there == "__init__":
            continue
        if here == "cli" and there in {"eval", "ui", "nano", "server", "doctor", "langchain", "tune"}:
            continue  # commands load the leaves lazily
        assert floor(there) < floor(here), f"{module} imports {target}, which is not below it"


def uses(module: str, path: Path, known: frozenset[str], *, for_types: bool) -> set[str]:
    """The modules of ragkit that a module imports; `for_types`: those that only the type checker reads, too."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    unread: set[int] = set()
    for node in () if for_types else ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            unread |= {id(child) for child in ast.walk(node)}
    base, found = module.split(".")[:-1], set[str]()
    for node in ast.walk(tree):
        if id(node) in unread:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            package = base[: len(base) - node.level + 1] if node.level else []
            name = ".".join([*package, *([node.module] if node.module else [])])
            inner = {f"{name}.{a.name}" for a in node.names}
            modules = {n for n in inner if n in known or f"{n}.__init__" in known}
            found |= modules | ({name} if len(modules) < len(inner) else set())
    return {n if n in known else f"{n}.__init__" for n in found if n in known or f"{n}.__init__" in known} - {module}


def circles(graph: dict[str, set[str]]) -> set[str]:
    """What is left of a graph when all that leads nowhere is taken off, again and again: members of its circles."""
    left = {name: set(targets) for name, targets in graph.items()}
    while ends := {name for name, targets in left.items() if not targets & left.keys()}:
        left = {name: targets for name, targets in left.items() if name not in ends}
    reached = {target for targets in left.values() for target in targets}
    return {name for name in left if name in reached}


def test_no_modules_and_no_rooms_need_each_other() -> None:
    files = module_files()
    known = frozenset(files)
    graph = {module: uses(module, path, known, for_types=False) for module, path in files.items()}
    assert circles(graph) == set()
    rooms: dict[str, set[str]] = {}
    for module, targets in graph.items():
        rooms.setdefault(room(module), set()).update(
            {room(t) for t in targets} - {room(module), "__init__", "__main__"}
        )
    commands = rooms.pop("cli")  # loads the leaves, which take its options and its speech
    assert {"eval", "ui"} <= commands and circles(rooms) == set()


def test_no_module_of_a_room_names_what_names_it() -> None:
    """Not even for types, but where the parts of one class are typed by it."""
    files = module_files()
    known = frozenset(files)
    of_one_class = {"index", "tune", "__init__"}
    graph = {
        module: {t for t in uses(module, path, known, for_types=True) if room(t) == room(module)}
        for module, path in files.items()
        if room(module) not in of_one_class
    }
    assert circles(graph) == set()


def test_no_folder_holds_more_than_twenty_modules() -> None:
    folders: dict[Path, int] = {}
    for path in module_files().values():
        folders[path.parent] = folders.get(path.parent, 0) + 1
    assert {str(folder.relative_to(ROOT)): n for folder, n in folders.items() if n > MOST_MODULES} == {}


@pytest.mark.parametrize("circle", [{"a": {"b"}, "b": {"a"}}, {"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}])
def test_a_circle_is_seen(circle: dict[str, set[str]]) -> None:
    assert "b" in circles(circle)


def test_heavy_packages_are_imported_in_functions_only() -> None:
    for module, path in module_files().items():
        if room(module) in {"nano", "ui", "eval"} or room(module) == "store" or module.endswith(".worker"):
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            assert not HEAVY & {n.split(".")[0] for n in names}, f"{module} imports {names} when it is loaded"


def test_import_ragkit_is_light() -> None:
    code = "import sys, ragkit; print(*sorted({m.split('.')[0] for m in sys.modules}))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not HEAVY & set(out)


def test_public_names_exist_and_are_documented() -> None:
    for name in ragkit.__all__:
        assert getattr(ragkit, name, None) is not None, name
        if callable(getattr(ragkit, name)):
            assert getattr(ragkit, name).__doc__, f"ragkit.{name} has no docstring"
    assert set(dir(ragkit)) >= set(ragkit.__all__)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Names of the files in a wheel built from a copy of what git tracks or would track."""
    copy = tmp_path_factory.mktemp("wheel") / "src"
    listed = (
        subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
        .stdout.decode()
        .split("\0")
    )
    for name in filter(None, listed):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_bytes((ROOT / name).read_bytes())
    out = copy.parent / "dist"
    done = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(copy)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    (built,) = out.glob("*.whl")
    return set(zipfile.ZipFile(built).namelist())


def test_wheel_holds_every_module_and_data_file(wheel: set[str]) -> None:
    for folder, package in {"ragkit": "ragkit", **MAPPED}.items():
        for path in (ROOT / folder).rglob("*"):
            inside = path.relative_to(ROOT / folder)
            if not path.is_file() or "__pycache__" in inside.parts or path.suffix in {".pyc", ".mako"}:
                continue
            assert f"{package.replace('.', '/')}/{inside.as_posix()}" in wheel, f"{path} is not in the wheel"
