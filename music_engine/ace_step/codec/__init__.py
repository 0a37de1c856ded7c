"""The audio codec: log-mel front end, autoencoder and vocoder."""
