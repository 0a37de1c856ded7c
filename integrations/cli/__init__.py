"""The command `cuesmith`."""
