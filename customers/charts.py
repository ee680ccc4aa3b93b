"""Charts as SVG text, for reports and pages."""
