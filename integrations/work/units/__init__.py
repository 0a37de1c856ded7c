"""One module per kind of unit: what a child process does with a task."""
