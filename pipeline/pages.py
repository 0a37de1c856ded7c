"""What every page we write shares: templates among the package's data, and words that a page can hold."""

from __future__ import annotations

from html import escape
from importlib import resources
from string import Template


def page_template(folder: str, name: str) -> Template:
    """A template of data/<folder>/."""
    return Template(page_part(folder, name))


def page_part(folder: str, name: str) -> str:
    """A file of data/<folder>/: a style, a script."""
    return resources.files("pipeline").joinpath("data", folder, name).read_text("utf-8")


def words(text: object) -> str:
    """Text from outside as a page holds it: nothing in it is markup, whatever bytes a name is made of."""
    return escape(holdable(str(text)))


def holdable(text: str) -> str:
    """Text that UTF-8 can hold."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
