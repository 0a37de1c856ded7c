"""The text encoder: a prompt in, hidden states out."""
