"""Music from words, without a film: what is asked, and the file that comes of it."""
