"""Code written for version 1 of Pixian's own API, on version 2."""
