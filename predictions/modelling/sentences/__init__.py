"""A sentence for every feature, in English and Chinese: what its value says of the customer.

A line each, in a module for each family of features: topic (features of one topic say the same in other words),
English, Chinese. Braces name features of the row; the format after the colon is one of `n` number, `p` percentage,
`m` amount, `t` label, `s` signed number, or `one|many`, which is the number and the English word that fits it. Where
a feature named is missing, the sentence for a missing value is said, and where the sentence names a second feature,
it is told without it.
"""

from predictions.modelling.sentences import basic, interaction, lifecycle, rfm, risk, social, transaction, trend
from predictions.modelling.sentences.declared import Sentence

__all__ = ["SENTENCES", "Sentence"]

SENTENCES: dict[str, Sentence] = {
    **basic.SENTENCES,
    **rfm.SENTENCES,
    **transaction.SENTENCES,
    **interaction.SENTENCES,
    **trend.SENTENCES,
    **lifecycle.SENTENCES,
    **social.SENTENCES,
    **risk.SENTENCES,
}
