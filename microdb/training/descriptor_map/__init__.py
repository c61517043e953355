"""The descriptor map of a trained version, the paper's Fig. 2: drawn, as a table, and as a choice of micrographs."""
