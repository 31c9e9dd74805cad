"""How the columns of the tables on size, selection, shrinkage, strata and assumptions are headed; "" hides a column."""

from __future__ import annotations

INCLUSION = {
    "term": "", "label": "Feature", "screened_share": "Passes the screen", "chosen_share": "Chosen in the end",
    "is_stable": "Stable", "always_odds": "Median OR, all samples", "chosen_odds": "Median OR when chosen",
    "exaggeration": "Further from one by", "n": "", "chosen_n": "",
}  # fmt: skip

SETS = {
    "term": "", "label": "Features that remain", "samples_n": "Samples", "share": "Share", "features_n": "Features",
    "is_abstract": "The abstract's", "is_run": "This run's", "n": "",
}  # fmt: skip

NEEDED = {
    "term": "", "label": "Strength of the model", "nagelkerke_r2": "Nagelkerke R²", "shrinkage_n": "Needed: shrinkage",
    "optimism_n": "Needed: optimism", "risk_n": "Needed: overall risk", "error_n": "Needed: each risk",
    "needed_n": "Needed: all", "expected_shrinkage": "Shrinkage to expect", "allowed_parameters": "Parameters carried",
    "n": "", "parameters": "",
}  # fmt: skip

SHRUNKEN = {
    "term": "", "label": "Feature", "ml_estimate": "Maximum likelihood, OR (95 % CI)",
    "firth_estimate": "Firth, OR (95 % profile CI)", "log_f_estimate": "Log-F prior, OR (95 % profile CI)",
    "uniform_odds": "Drawn in uniformly, OR", "prespecified_estimate": "Named beforehand, OR (95 % profile CI)",
    "n": "n", "prespecified_n": "n, named beforehand",
}  # fmt: skip

SLOPES = {
    "term": "", "label": "Model", "parameters": "Parameters", "n": "n", "events": "Difficult to treat",
    "corrected": "Calibration slope, corrected", "verdict": "Its risks",
}  # fmt: skip

P_VALUES = {
    "term": "", "label": "Feature", "alone_p": "Alone, p", "alone_fdr_p": "Alone, FDR", "alone_holm_p": "Alone, Holm",
    "together_p": "Together, p", "together_fdr_p": "Together, FDR", "together_holm_p": "Together, Holm",
    "penalised_p": "Firth, p", "penalised_fdr_p": "Firth, FDR", "penalised_holm_p": "Firth, Holm",
}  # fmt: skip

COLLINEARITY = {
    "term": "", "label": "Feature", "vif": "VIF", "partner": "Goes most with", "phi": "Correlation (phi)",
    "condition_index": "", "n": "n", "status": "",
}  # fmt: skip

STRATIFIED = {
    "term": "", "label": "Feature", "alone_estimate": "Alone, OR (95 % CI)",
    "estimate": "Within regimen and period, OR (95 % CI)", "p": "Within, p", "n": "n", "events": "Difficult to treat",
    "strata_n": "Strata", "informative_n": "That compare", "status": "Remark",
}  # fmt: skip

ARROWS = {"term": "", "source": "From", "target": "To", "reason": "Why it is assumed"}

QUESTIONS = {"term": "", "label": "What is asked", "held": "To be held equal", "is_identified": ""}

INCLUSION_NOTE = (
    "In each bootstrap sample: every feature alone, those with p below 0.05 together, those with p below 0.05 stay. "
    "Odds ratios are of the model that always holds all its features: over all samples, and over those in which the "
    "recipe chose the feature. Missing where a feature is not in that model.")

NEEDED_NOTE = (
    "Riley et al., BMJ 2020;368:m441: predictions too extreme by a factor of 0.9 at worst; optimism in the variation "
    "explained of 0.05 at most; overall risk known to 0.05 either way; each risk wrong by 0.05 on average. The "
    "first row takes the strength of the model in these patients, itself uncertain.")

SHRUNKEN_NOTE = (
    "Log-F prior: log-F(1,1) on each log odds ratio, half of it between odds ratios of 1/5.8 and 5.8 (Greenland and "
    "Mansournia, Stat Med 2015;34:3133). Drawn in uniformly: the logarithm of the first times the shrinkage to expect "
    "of a model of so many features in so many patients, a Nagelkerke R² of 0.15 being assumed; no interval is in "
    "use for it. Named beforehand: a model of the features that the abstract calls independent, with the same prior.")

SLOPES_NOTE = (
    "One is ideal; from 0.9 to its inverse is called near enough (the factor that Riley et al. ask for). Corrected "
    "for optimism in bootstrap samples, and itself uncertain, the more so the fewer the events. Drawn in uniformly: "
    "the slope by maximum likelihood over the factor.")

DECISION_NOTE = (
    "The band is the 95 % interval of the gain over the better of acting on all and on none, by the bootstrap (Noma et "
    "al., Stat Med 2021;40:5691), for the model as fitted, at each limit by itself. Drawn in: every log odds ratio "
    "times the shrinkage that was to be expected beforehand.")

P_VALUES_NOTE = (
    "FDR: false discovery rate (Benjamini and Hochberg 1995). Holm: chance of any false finding (1979). Each over all "
    "features of its own column; what was tested before this study, and dropped, is not counted.")

COLLINEARITY_NOTE = (
    "VIF: how many times the variance of a log odds ratio grows because other features say the same; 5 and 10 are the "
    "limits in use. Every feature is a yes or no, so that no straight line is assumed of any.")

STRATIFIED_NOTE = (
    "Mantel and Haenszel, by first induction (rare ones together) and calendar period; one feature at a time, other "
    "features not held equal.")

QUESTIONS_NOTE = (
    "Back-door criterion (Pearl, Biometrika 1995;82:669) on the arrows of the figure. One set serves one feature; to "
    "read all odds ratios of one model as effects is the Table 2 fallacy (Westreich and Greenland, Am J Epidemiol "
    "2013;177:292).")
