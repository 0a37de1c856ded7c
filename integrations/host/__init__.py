"""Putting the service together: what `cuesmith serve` and `cuesmith worker` start, and in which order they stop."""
