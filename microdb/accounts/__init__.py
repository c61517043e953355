"""Accounts of people: profile, expertise and API tokens."""
