"""Features, labels, models, scores and how good they were."""
