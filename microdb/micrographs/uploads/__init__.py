"""The bytes of files that arrive in several requests."""
