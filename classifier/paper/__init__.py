"""The recipe "paper": the whole network learns from the dataset alone."""
