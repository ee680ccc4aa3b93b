"""The API as a whole: its addresses, signing in, and its description."""
