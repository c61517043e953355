"""From pixels to network input, for training and scoring alike: pyramids, crop plans, resampling, augmentation."""
