"""Code written for Slazzer, on Pixian: the rules. Slazzer has no Python package, so there is no drop-in."""
