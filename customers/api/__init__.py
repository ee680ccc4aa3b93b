"""The endpoints of customers, of what they did, and of jobs."""
