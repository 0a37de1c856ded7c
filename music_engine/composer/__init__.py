"""The embedded composer: writes notes and plays them with sampled instruments."""
