"""The pages of scores and batches."""
