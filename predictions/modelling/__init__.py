"""Models of churn as arithmetic: frames and arrays in, numbers and text out; no database, no clock, no settings."""
