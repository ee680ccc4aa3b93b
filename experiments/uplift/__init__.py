"""Whom a measure helps: effects learned customer by customer from a finished experiment, and whether they hold.

Arithmetic on arrays, without framework: `study` learns and judges, `choice` makes the day's list of what was learned.
"""
