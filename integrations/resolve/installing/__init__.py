"""Putting the scripts where DaVinci Resolve looks for them, finding them there, taking them away again."""
