"""The shared vocabulary: time, keys, cue sheets, spotting. numpy and the standard library only."""
