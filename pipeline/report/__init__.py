"""The report of a run: the card's rows, what was done, and one page to see both at a glance."""
