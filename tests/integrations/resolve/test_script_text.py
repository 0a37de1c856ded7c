"""cuesmith.py as a text: one file, for old Pythons, of the standard library alone."""

from __future__ import annotations

import ast
import contextlib
import io
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_resolve import FakeProgram, Quirks, paint_boxes
from far_script import other_python, run_far
from resolve_script import load_script, quick_text, write_options
from small_service import SmallService

from integrations.resolve.joining import FIRST_LINE, PARTS, python_script

TREE = ast.parse(python_script(), feature_version=(3, 6))
FOLDER = Path("integrations/resolve/script")


def test_it_has_the_syntax_of_python_36_and_begins_with_its_mark() -> None:
    assert python_script().startswith(FIRST_LINE + "\n")
    assert not [node for node in ast.walk(TREE) if isinstance(node, (ast.NamedExpr, ast.Match))]
    assert "__future__" not in python_script()


def test_every_part_is_in_it() -> None:
    root = Path(__file__).parents[3]
    assert sorted(PARTS) == sorted(p.stem for p in (root / FOLDER).glob("*.py") if p.stem != "__init__")


def test_it_imports_the_standard_library_alone_and_resolves_own_module() -> None:
    found = set()
    for node in ast.walk(TREE):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    assert found - set(sys.stdlib_module_names) == {"DaVinciResolveScript"}


def test_no_two_parts_give_something_the_same_name() -> None:
    names: Counter[str] = Counter()
    for node in TREE.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names[node.name] += 1
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names.update(name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name))
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names.update({alias.asname or alias.name.partition(".")[0] for alias in node.names} - {"Any", "NamedTuple"})
    assert [name for name, count in names.items() if count > 1] == []


def test_annotations_that_old_pythons_could_not_evaluate_are_texts() -> None:
    """An annotation of an argument, of a result and of a field is evaluated where it is no text."""
    fields = [node for cls in ast.walk(TREE) if isinstance(cls, ast.ClassDef) for node in cls.body]
    said = [field.annotation for field in fields if isinstance(field, ast.AnnAssign)]
    for function in ast.walk(TREE):
        if isinstance(function, ast.FunctionDef):
            arguments = function.args
            all_of_them = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.kwarg]
            said += [argument.annotation for argument in all_of_them if argument is not None and argument.annotation]
            said += [function.returns] if function.returns else []
    assert len(said) > 100
    assert not [ast.unparse(one) for one in said if isinstance(one, (ast.Subscript, ast.BinOp))]


def test_resolve_is_never_given_a_keyword() -> None:
    """Every method of its is called through these, which pass positions on."""
    for node in ast.walk(TREE):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("ask", "read"):
            assert not node.keywords
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr[:1].isupper():
            assert node.func.attr in ("Path", "HTTPSConnection", "HTTPConnection"), ast.unparse(node)


def test_no_call_of_studios_is_made() -> None:
    """One on a free edition opens a dialogue, behind which nothing works."""
    studio = (
        "Transcribe",
        "CreateSubtitles",
        "SmartReframe",
        "MagicMask",
        "VoiceIsolation",
        "GenerateSpeech",
        "UIManager",
    )
    assert not [name for name in studio if name in python_script()]


def test_the_menu_runs_it(service: SmallService, tmp_path: Path, program: FakeProgram) -> None:
    """As Resolve does: the text is run as the main module with globals injected, and the options lie beside it."""
    write_options(tmp_path, service.address)
    path = tmp_path / "cuesmith.py"
    path.write_text(quick_text())
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        names = {"__name__": "__main__", "__file__": str(path), **program.globals(".py")}
        exec(compile(path.read_text(), str(path), "exec", dont_inherit=True), names)
    assert "Cuesmith: the music for Cut 7 lies on audio track 2" in told.getvalue()


def test_it_finds_its_options_where_resolve_does_not_say_its_place(
    service: SmallService, tmp_path: Path, program: FakeProgram
) -> None:
    """The code's own file name, or what the installer wrote."""
    write_options(tmp_path, service.address, track="Score")
    path = tmp_path / "cuesmith.py"
    path.write_text(quick_text())
    with contextlib.redirect_stdout(io.StringIO()):
        exec(
            compile(path.read_text(), str(path), "exec", dont_inherit=True),
            {"__name__": "__main__", **program.globals(".py")},
        )
    assert program.track("Score").items
    told = quick_text().replace("INSTALLED = {}", f"INSTALLED = {{'options': {str(tmp_path / 'cuesmith.json')!r}}}", 1)
    again = FakeProgram()
    again.world.paints = paint_boxes
    again.open_timeline("25")
    again.shots(50, 50)
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(told, "<string>", "exec", dont_inherit=True), {"__name__": "__main__", **again.globals(".py")})
    assert again.track("Score").items


@pytest.mark.parametrize("edition", ["free_19_0", "free_19_1", "studio"])
def test_it_runs_on_every_edition_that_lists_it(score: Callable[..., str], edition: str) -> None:
    program = FakeProgram(Quirks(edition=edition))
    program.world.paints = paint_boxes
    program.open_timeline("25")
    program.shots(50, 50)
    assert "lies on audio track 2" in score(program.globals(".py")["resolve"])
    assert not program.world.modal


def test_outside_of_resolve_it_says_how_it_is_run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    script = load_script()
    script.main(None, None, None)
    line = capsys.readouterr().out
    assert line.startswith(
        "Cuesmith: DaVinci Resolve cannot be reached from here. Run the script from Workspace > Scripts."
    )
    assert line.count("\n") == 1


@pytest.mark.parametrize("version", ["3.6", "3.7", "3.8", "3.10", "3.12", "3.13"])
def test_another_python_runs_all_of_it(
    service: SmallService, tmp_path: Path, program: FakeProgram, version: str
) -> None:
    python = other_python(version)
    if python is None:
        pytest.skip(f"there is no Python {version} here")
    write_options(tmp_path, service.address, stems=True)
    for earlier in ("2 stems on muted tracks; the project is saved", "it took the place of the earlier music there"):
        assert earlier in run_far(python, tmp_path, program.resolve)
    assert [(item.start, item.frames) for item in program.track("Cuesmith").items] == [(90_000, 125)]
