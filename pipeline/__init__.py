"""A video and a wish in, a Deliverable and a Report out: files, ffmpeg, mixing, mastering, checks."""
