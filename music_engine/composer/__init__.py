"""The embedded engine: writes notes and plays them with sampled and synthesised instruments."""
