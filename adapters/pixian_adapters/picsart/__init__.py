"""Code written for Picsart's ``removebg``, on Pixian: the rules, and a drop-in for the SDK ``picsart_sdk``."""
