"""From a cue's request to what the model is asked for, and from its answer to the cue."""
