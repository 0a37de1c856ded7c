"""Measures analysers against what people said they felt, and fits a user's own calibration."""
