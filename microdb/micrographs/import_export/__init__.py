"""A dataset from and to files: folders, manifests and zips; the plan of an upload; the export."""
