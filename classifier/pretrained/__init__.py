"""The recipe "pretrained": a frozen ImageNet encoder under small heads that are trained by triplets."""
