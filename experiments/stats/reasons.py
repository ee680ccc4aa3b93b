"""Why a figure cannot be had: each reason once, in English as JSON carries it, and in Chinese."""

from enum import StrEnum

__all__ = ["ZH", "Reason", "chinese", "joined"]


class Reason(StrEnum):
    """The member's value is the English text."""

    EMPTY_ARM = "an arm has no customer with a known outcome"
    NO_KNOWN = "no customer of this arm has a known outcome"
    CONTROL_HAS_NONE = "no customer of the control had the event, so there is no rate to compare with"
    ARM_HAS_NONE = "no customer of the arm had the event, so the interval of the ratio has no end"
    EVERYBODY = "every customer of both arms had the event, so the ratio has no spread"
    ALL_ALIKE = "nobody or everybody in the two arms had the event, so there is nothing to test"
    NO_DIFFERENCE = "the rates do not differ, so no number of customers makes a difference of one"
    FEW_FOR_SEQUENTIAL = "an expected count is below 5, too few for the normal approximation of the always-valid test"
    NO_AMOUNTS = "an arm has no customer with an amount"
    FEW_AMOUNTS = "an arm has fewer than two amounts"
    AMOUNTS_ALIKE = "the amounts vary in neither arm"
    COVARIATE_ALIKE = "the covariate does not vary"
    NO_COVARIATE = "an arm has no customer with both an amount and a covariate"
    FEW_COVARIATES = "an arm has fewer than two customers with both an amount and a covariate"
    EXPLAINED = "the covariate explains the amounts wholly, so no spread is left to test with"
    NOTHING_TO_SAVE = "the amounts vary in neither arm, so there is no variance to save"
    SAME_TREATMENT = "as many were treated in the arm as in the control, so treatment cannot be told from assignment"
    FEW_COMPLIERS = "the shares treated differ so little that the effect among compliers has no bound"
    NO_COST = "the treatment cost nothing, so there is no return on cost"
    NOT_ENOUGH_VALUES = "a group has fewer than two values"
    NO_SPREAD = "the values vary in neither group"


ZH: dict[Reason, str] = {
    Reason.EMPTY_ARM: "有一组没有任何结果已知的客户",
    Reason.NO_KNOWN: "该组没有任何结果已知的客户",
    Reason.CONTROL_HAS_NONE: "对照组没有客户发生该事件，没有可比较的比率",
    Reason.ARM_HAS_NONE: "该组没有客户发生该事件，比值的区间没有端点",
    Reason.EVERYBODY: "两组的每位客户都发生了该事件，比值没有离散",
    Reason.ALL_ALIKE: "两组中无人或人人发生该事件，无从检验",
    Reason.NO_DIFFERENCE: "两组比率相同，处理多少客户都不会有一人之差",
    Reason.FEW_FOR_SEQUENTIAL: "有期望频数低于 5，随时有效检验的正态近似不成立",
    Reason.NO_AMOUNTS: "有一组没有任何有金额的客户",
    Reason.FEW_AMOUNTS: "有一组的金额不足两个",
    Reason.AMOUNTS_ALIKE: "两组的金额都没有变化",
    Reason.COVARIATE_ALIKE: "协变量没有变化",
    Reason.NO_COVARIATE: "有一组没有同时具备金额和协变量的客户",
    Reason.FEW_COVARIATES: "有一组同时具备金额和协变量的客户不足两位",
    Reason.EXPLAINED: "协变量完全解释了金额，没有剩余离散可供检验",
    Reason.NOTHING_TO_SAVE: "两组的金额都没有变化，没有方差可节省",
    Reason.SAME_TREATMENT: "该组与对照组实际受处理的比例相同，无法区分处理与分组",
    Reason.FEW_COMPLIERS: "受处理的比例相差太小，依从者的效应没有界限",
    Reason.NO_COST: "措施没有成本，无法计算成本回报",
    Reason.NOT_ENOUGH_VALUES: "有一组的数值不足两个",
    Reason.NO_SPREAD: "两组的数值都没有变化",
}


def chinese(reason: str) -> str:
    """A text that `joined` made, in Chinese."""
    return "；".join(ZH[Reason(part)] for part in reason.split("; "))


def joined(*reasons: Reason | None) -> str | None:
    """The reasons that hold, each once, in order, as one text; None where none does."""
    held = dict.fromkeys(str(reason) for reason in reasons if reason)
    return "; ".join(held) or None
