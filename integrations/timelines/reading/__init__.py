"""Editors' timelines, read: their exact cuts and the marks that people set."""
