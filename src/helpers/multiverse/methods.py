"""The methods of the multiverse, as the statistical appendix describes its own."""

from __future__ import annotations

from helpers.methods import Method

CHAPTER = "multiverse"

METHODS = (
    Method(
        id="multiverse.curve", chapter=CHAPTER, name="Specification curve",
        answers="What do all listed ways to define and to analyse give, in order of their estimate?",
        reference="Steegen et al., Perspect Psychol Sci 2016;11:702; Simonsohn, Simmons and Nelson, Nat Hum Behav "
                  "2020;4:1208",
        assumes="That the options are defensible, each as much as any other; that the constraints leave out what "
                "contradicts itself.",
        check="The first universe is the study as it stands: its numbers are those of the report, to the last digit.",
        result="The curves of this page.",
        verified="Each number is made by the same function as in the notebooks.",
    ),
    Method(
        id="multiverse.joint", chapter=CHAPTER, name="Joint permutation test of a curve",
        answers="Does the whole curve say more than the same patients, shuffled, would?",
        reference="Simonsohn, Simmons and Nelson, Nat Hum Behav 2020;4:1208; shuffles within blocks: Winkler et al., "
                  "NeuroImage 2015;123:253; p with the observed counted in: Phipson and Smyth, Stat Appl Genet Mol "
                  "Biol 2010;9:39",
        assumes="That under the null patients of a block could have had each other's value.",
        check="In made-up cohorts without an effect p is below 0.05 as often as it should be, also where labels are "
              "cut short by death and end of follow-up (tests of the code).",
        result="The table of the joint test on this page.",
        verified="Rao's score: anova(test = \"Rao\") of R 4.2.2; fixed groups: survdiff of survival 3.5.3; a label "
                 "that comes later: the score test of coxph(ties = \"exact\"), which has the same hypergeometric "
                 "variance; to 1e-6.",
    ),
    Method(
        id="multiverse.variance", chapter=CHAPTER, name="Variance shared out among decisions (LMG)",
        answers="How much of the spread between the specifications does each decision carry?",
        reference="Lindeman, Merenda and Gold, Introduction to Bivariate and Multivariate Analysis, Scott Foresman "
                  "1980; Grömping, Am Stat 2007;61:139",
        assumes="Decisions act one by one (on the logarithm of ratios); what they do only together is named as such.",
        check="The shares and the part named \"only together with others\" add up to one.",
        result="The table of decisions on this page.",
        verified="R squared of lm in every order of the terms, R 4.2.2, to 1e-6.",
    ),
)  # fmt: skip
"""In the order of the page."""
