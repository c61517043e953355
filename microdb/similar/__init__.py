"""Similar micrographs: descriptors in Postgres, kept by workers, and the search for the nearest ones."""
