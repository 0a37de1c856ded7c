"""Models that can be fetched: what there is, where each lies on this machine, how it is fetched and checked."""
