"""Connections to addresses that a stranger gave: checked, pinned to what was checked, bounded in time and size."""
