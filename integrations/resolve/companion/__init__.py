"""The helper of scripts that may neither open files nor start programs: the free edition's since version 21.1."""
