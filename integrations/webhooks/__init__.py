"""Events told to receivers over HTTP, signed after Standard Webhooks 1.0.0."""
