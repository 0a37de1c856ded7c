"""What every part of the service shares: its settings, logs, metrics and fault points."""
