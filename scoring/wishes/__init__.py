"""What people ask of the music in words: read, put into the cue sheet. docs/wishes.md says what is understood."""
