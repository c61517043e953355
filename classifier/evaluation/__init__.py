"""Cross-validation and learning curve, both grouped by specimen."""
