"""Which words serve people better: vocabularies compared on real films, and ratings kept for training."""
