"""The 88 features: declarations by family and the engine that computes them."""
