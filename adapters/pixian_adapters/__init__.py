"""What is known about each provider: one package per provider, none imports another."""
