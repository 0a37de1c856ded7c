"""Several takes of one film, and what lets a person choose between them: a page and a clip."""
