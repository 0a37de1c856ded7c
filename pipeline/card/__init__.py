"""The report card: what a scored film measures, row by row, each beside its threshold and where that comes from."""
