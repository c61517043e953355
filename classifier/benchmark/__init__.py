"""The benchmark: this program and its baselines, measured in the same run."""
