"""Splits, candidates, calibration, evaluation, reasons: arithmetic over frames."""
