"""Each customer's effect as far as the experiment alone can tell it: without bias, and very noisy.

Γ = μ₁(x) − μ₀(x) + W(Y − μ₁(x)) / e − (1 − W)(Y − μ₀(x)) / (1 − e), the augmented inverse-propensity score (Robins,
Rotnitzky & Zhao 1994; as scores of a targeting rule Yadlowsky et al. 2021). The propensity e is known, for the groups
were drawn, so that the mean of Γ over customers is their mean effect whatever μ₀ and μ₁ are, provided that those were
learned from other customers; good ones only make it less noisy. Unequal arms are made equal by e.
"""

import numpy as np

from experiments.uplift.trial import Trial, Vector

__all__ = ["scores"]


def scores(trial: Trial, *, with_treatment: Vector, without: Vector) -> Vector:
    """Γ of each customer, in the unit of the outcome; `with_treatment` is μ₁, `without` μ₀."""
    e = trial.propensity
    treated = trial.treated * (trial.outcome - with_treatment) / e
    control = ~trial.treated * (trial.outcome - without) / (1 - e)
    return np.asarray(with_treatment - without + treated - control, dtype=np.float64)
