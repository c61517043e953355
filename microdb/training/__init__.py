"""Model versions: training jobs and the one seam to the classifier."""
