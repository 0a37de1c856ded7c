"""The ACE-Step v1 engine: an independent implementation that loads the public 3.5B checkpoint."""
