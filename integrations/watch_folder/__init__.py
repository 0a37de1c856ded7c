"""Watch folders: a film that is dropped into one is scored, once, when it is whole."""
