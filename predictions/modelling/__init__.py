"""Models of churn as arithmetic: frames and arrays in, numbers and text out; no database, no clock, no settings."""

import os

# OpenMP's waiting threads spin by default; where cores are shared with other work that made training 20 times slower.
# It is read once, when LightGBM or scikit-learn is first imported, which is after this.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
