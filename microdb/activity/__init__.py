"""What runs, over all datasets that a person may see: trainings, batches, scores, readings, and what is sent.

Reads the jobs of the rooms below; cancels and retries through their services.
"""
