"""The service over HTTP: uploads, jobs, cue sheets, takes, ratings, webhooks and music from words."""
