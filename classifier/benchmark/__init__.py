"""`python -m classifier bench`: this program beside what a user might pick instead, measured in the same run."""
