"""What every endpoint of the API shares: who may call it, how it refuses, pages, and calls that are sent again."""
