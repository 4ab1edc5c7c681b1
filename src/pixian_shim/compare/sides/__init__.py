"""What is compared: answers on disk or asked now, and which of them belong together."""
