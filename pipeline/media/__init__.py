"""The one gate: bytes from outside are parsed only in child processes started here."""
