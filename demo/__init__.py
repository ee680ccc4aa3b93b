"""The sample data, and what makes the made-up part of it."""
