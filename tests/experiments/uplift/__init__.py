"""Learning whom a measure helps, against truths that are known."""
