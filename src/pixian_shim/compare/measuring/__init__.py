"""How two pictures of one photo differ: laid over each other, then measured."""
