"""Triplet training and what follows it: sampler, loss, training loop, Gaussian mixture, threshold."""
