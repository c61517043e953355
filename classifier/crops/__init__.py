"""Pixels become network input here and nowhere else: pyramids, crop plans, resampling, augmentation."""
