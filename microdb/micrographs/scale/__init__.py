"""Pixels per micrometre: read from the metadata of each vendor and from sidecar files."""
