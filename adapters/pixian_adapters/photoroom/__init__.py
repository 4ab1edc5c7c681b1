"""Code written for PhotoRoom, on Pixian: the rules, and a drop-in for the package `photoroom`."""
