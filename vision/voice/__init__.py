"""How somebody speaks: pitch and pace of a voice, and how lively it sounds."""
