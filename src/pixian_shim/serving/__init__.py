"""What the sandbox and the gateway have in common as servers; the two modules are imported on their own."""
