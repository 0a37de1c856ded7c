"""Inspection: any scored film measured, also one made elsewhere."""
