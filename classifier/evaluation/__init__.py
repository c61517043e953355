"""Cross-validation and learning curve on specimens that no fit has seen."""
