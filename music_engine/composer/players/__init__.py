"""Players: each turns the plan into the notes of one layer."""
