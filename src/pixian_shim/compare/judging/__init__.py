"""What the measures mean: causes and their limits, accepted differences, money, thresholds, the verdict."""
