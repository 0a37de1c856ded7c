"""Noise schedules and the samplers' steps."""
