"""From a master to a published file: containers, muxing, measuring what came out."""
