"""Reads the words people give with a film, and those inside it."""
