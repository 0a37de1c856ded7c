"""A CueRequest in, the audio of that cue out. Knows no video."""
