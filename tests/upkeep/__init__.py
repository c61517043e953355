"""Tests of what keeps a site in order."""
