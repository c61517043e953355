"""The recipe "paper": the whole network learns from the dataset alone, as in Larmuseau et al. (2020)."""
