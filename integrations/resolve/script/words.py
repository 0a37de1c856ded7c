"""What the script says, and the one error that it raises."""

NAME = "Cuesmith"


class Trouble(Exception):
    """Something that a person can mend: what is wrong, and what to do."""

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(one_line(what.rstrip(".") + ". " + fix))


def say(text: str) -> None:
    """A line to Resolve's console."""
    print(NAME + ": " + one_line(text))


def one_line(text: str) -> str:
    """The text without line breaks or control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def several(count: int, thing: str) -> str:
    """ "1 hit", "2 hits"."""
    return f"{count} {thing}{'' if count == 1 else 's'}"


def clock(time_s: float) -> str:
    """ "1:05.2"."""
    tenths = int(time_s * 10 + 0.5)
    return f"{tenths // 600}:{tenths // 10 % 60:02d}.{tenths % 10}"
