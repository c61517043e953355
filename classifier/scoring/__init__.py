"""From a trained network to a verdict: averages over crops, saliency map, descriptor map."""
