"""The endpoints of predictions."""
