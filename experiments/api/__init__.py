"""The endpoints of experiments: how they are configured, moved, who is in them, and what they found."""
