"""Lyrics as the composer takes them: lines become phrases of the tune, syllables its notes. Nothing is sung."""
