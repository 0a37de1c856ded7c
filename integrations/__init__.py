"""The outside world: the command line, and later queues, web and editors."""
