"""Where the health score keeps customers' data."""

from customers.personal.holdings import Holding

HOLDINGS = (
    Holding(model="healthscore.HealthScore"),
    Holding(model="healthscore.NotScored"),
    Holding(model="healthscore.HealthAlert"),
    Holding(model="healthscore.Override", personal=("reason",)),
)
