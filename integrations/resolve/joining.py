"""cuesmith.py for Resolve's menu: one file made of the parts in integrations/resolve/script.

One file, because the menu would list a folder of modules as scripts, and a script of the menu is not always told where
it lies, so that it could not find them.
"""

from __future__ import annotations

import ast
from pathlib import Path

# In the order in which one needs another.
PARTS = (
    "words",
    "paths",
    "options",
    "asking",
    "journal",
    "entering",
    "facts",
    "edit",
    "boxes",
    "rendering",
    "service",
    "state",
    "pool",
    "placing",
    "markers",
    "story",
)
FIRST_LINE = "# Cuesmith for DaVinci Resolve: installed by `cuesmith resolve install`."
_ROOM = "integrations.resolve.script"
_END = """
if __name__ == "__main__":
    main(globals().get("resolve"), globals().get("app"), globals().get("__file__") or main.__code__.co_filename)
"""


def python_script() -> str:
    """The text of cuesmith.py: the standard library alone, the syntax of Python 3.6."""
    folder = Path(__file__).parent / "script"
    imports: set[str] = set()
    bodies = []
    for part in PARTS:
        text = (folder / f"{part}.py").read_text(encoding="utf-8")
        found, body = _split(text)
        imports |= found
        bodies.append(f"# {part} {'-' * (110 - len(part))}\n\n{body}")
    head = f'{FIRST_LINE}\n"""Scores the open timeline by the Cuesmith service: docs/resolve.md."""\n'
    return "\n".join([head, *sorted(imports), "", *bodies]) + _END


def _split(text: str) -> tuple[set[str], str]:
    """The imports from outside the room, and what is left without imports and the module's own docstring."""
    tree = ast.parse(text)
    lines = text.splitlines()
    imports, gone = set(), set()
    for number, node in enumerate(tree.body):
        is_docstring = number == 0 and isinstance(node, ast.Expr)
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            is_ours = isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_ROOM)
            if not is_ours:
                imports.add(ast.unparse(node))
        elif not is_docstring:
            continue
        gone |= set(range(node.lineno - 1, node.end_lineno or node.lineno))
    return imports, "\n".join(line for n, line in enumerate(lines) if n not in gone).strip() + "\n"
