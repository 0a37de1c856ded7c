"""The parts of cuesmith.py, which integrations.resolve.joining makes one file of.

They run inside DaVinci Resolve under whatever Python is there: the standard library alone, the syntax of Python 3.6, so
annotations that it could not evaluate are written as texts. Resolve's methods take no keywords and raise nothing: what
they answer is never believed, only what is read afterwards.
"""
