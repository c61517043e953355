"""The recipe "pretrained": a frozen ImageNet encoder under small heads that triplets train."""
