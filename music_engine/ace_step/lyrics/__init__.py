"""Lyrics to token ids: language, cleaning, romanisation, byte-pair encoding."""
