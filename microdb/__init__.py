"""MicroDB: micrographs with labels and scale, a model per dataset, and a quiz that people and the model both sit."""
