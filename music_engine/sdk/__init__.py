"""The SDK: music from words, without a film."""
