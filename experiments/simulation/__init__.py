"""A shop that does not exist, in which the truth about a treatment is known: to try the analysis on."""
