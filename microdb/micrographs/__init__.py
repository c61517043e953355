"""Datasets of micrographs: upload, ingest, scale, labels and their history, frozen versions."""
