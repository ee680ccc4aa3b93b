"""The eight dimensions, in the order of the weights' table; ties are broken in it."""

from healthscore.dimensions import adoption, engagement, lifecycle, payment, satisfaction, support, usage, value

__all__ = ["BY_NAME", "DIMENSIONS", "NAMES"]

DIMENSIONS = tuple(
    module.DIMENSION for module in (usage, payment, support, engagement, adoption, satisfaction, lifecycle, value)
)
BY_NAME = {dimension.name: dimension for dimension in DIMENSIONS}
NAMES = tuple(BY_NAME)
