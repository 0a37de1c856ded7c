"""The CLIP analyser: what is in the picture, read by comparing it with words."""
