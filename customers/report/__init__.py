"""The exploratory report on the data: what is there, what is missing, and which label would mean something."""

from customers.report.figures import Figures, figures
from customers.report.page import html

__all__ = ["Figures", "figures", "html"]
