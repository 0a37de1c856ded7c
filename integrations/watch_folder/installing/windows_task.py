"""A task of the Windows Task Scheduler, as XML: [MS-TSCH] section 2.5."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from integrations.watch_folder.installing.program import Program, xml_holds
from integrations.watch_folder.names import shown
from pipeline.settings import environment
from scoring.errors import InputError

_SPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"
# No encoding is declared, and everything outside ASCII is a character reference: the text stays true whether a console
# writes it as UTF-16, UTF-8 or in an old code page. A declared one that is not the file's refuses the task.
_HEAD = '<?xml version="1.0"?>\n'
_VARIABLE = re.compile(r"%[^%]+%|\$\(")

# Triggers and their parents are sequences in the schema; the other tables may come in any order.
_SETTINGS = {
    "MultipleInstancesPolicy": "IgnoreNew",
    "DisallowStartIfOnBatteries": "false",
    "StopIfGoingOnBatteries": "false",
    "StartWhenAvailable": "true",
    "Enabled": "true",
    "ExecutionTimeLimit": "PT0S",
    "Priority": "7",
}


def printed(program: Program) -> tuple[str, str, tuple[str, ...], tuple[str, ...]]:
    """The task, where it may lie, the commands that register and start it, and notes. Raises InputError for a path
    that XML or the scheduler would change.
    """
    for part in program.command:
        if not xml_holds(part):
            raise InputError(f"a task's XML cannot hold {shown(part)}", "Rename the folder")
        if _VARIABLE.search(part):
            raise InputError(
                f"the Task Scheduler would read {shown(part)} as naming a variable", "Rename the folder: no % %, no $("
            )
    command, *arguments = program.command
    task = ElementTree.Element("Task", {"version": "1.2", "xmlns": _SPACE})
    about = ElementTree.SubElement(task, "RegistrationInfo")
    _add(about, "Description", program.description)
    trigger = ElementTree.SubElement(ElementTree.SubElement(task, "Triggers"), "LogonTrigger")
    _add(trigger, "Enabled", "true")
    user = _user()
    if user:
        _add(trigger, "UserId", user)
    principal = ElementTree.SubElement(ElementTree.SubElement(task, "Principals"), "Principal", {"id": "Author"})
    if user:
        _add(principal, "UserId", user)
    _add(principal, "LogonType", "InteractiveToken")  # the user's own session: network shares need it
    _add(principal, "RunLevel", "LeastPrivilege")
    settings = ElementTree.SubElement(task, "Settings")
    for name, value in _SETTINGS.items():
        _add(settings, name, value)
    again = ElementTree.SubElement(settings, "RestartOnFailure")
    _add(again, "Interval", "PT1M")
    _add(again, "Count", "255")
    run = ElementTree.SubElement(ElementTree.SubElement(task, "Actions", {"Context": "Author"}), "Exec")
    _add(run, "Command", command)
    _add(run, "Arguments", " ".join(map(quoted, arguments)))
    ElementTree.indent(task)
    text = _HEAD + ElementTree.tostring(task, encoding="us-ascii", xml_declaration=False).decode("ascii") + "\n"
    path = f"{program.name}.xml"
    commands = (f"schtasks /Create /TN {program.name} /XML {path}", f"schtasks /Run /TN {program.name}")
    notes = (
        "it starts when you log in; a window shows its log"
        if user
        else "it starts when anybody logs in, so that an administrator registers it",
        "settings (docs/service.md) are your account's environment variables",
        "`schtasks /End` stops it at once: what was being made is made again at the next start",
    )
    return text, path, commands, notes


def _user() -> str:
    """Who is logged in, "" where that is not Windows: a task for everybody can only be made by an administrator."""
    here = environment()
    domain, name = here.get("USERDOMAIN", ""), here.get("USERNAME", "")
    return f"{domain}\\{name}" if domain and name else ""


def quoted(text: str) -> str:
    """A word of a Windows command line, as C programs take it apart: backslashes count only before a quote."""
    text = re.sub(r'(\\*)"', r'\1\1\\"', text)
    if text and not re.search(r"[ \t]", text):
        return text
    body = re.sub(r"(\\+)$", r"\1\1", text)
    return f'"{body}"'


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = text
