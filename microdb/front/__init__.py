"""The front door: the page for people who are not signed in, the guide, the documentation and the sample dataset."""
