"""The endpoints of the health score."""
