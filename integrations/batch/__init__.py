"""Many films in one command: each in a process of its own."""
