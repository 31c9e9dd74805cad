"""What a multiverse says and what it does not, in plain words, for the page."""

from __future__ import annotations

LIMITS = (
    "All universes hold the same patients. Hundreds of specifications that agree are not hundreds of confirmations: "
    "what is peculiar to these patients is in every one of them.",
    "The grid is a choice. Its options are those that guidelines, papers and this study's own text name; another "
    "group would list others, and every share on this page would change with them.",
    "Every universe counts once, and that is a choice too: it takes all options of a decision for equally defensible, "
    "and an option that many constraints keep out of company counts less than one that goes with everything.",
    "A multiverse tells how much the answer depends on decisions that were varied. It says nothing of what all "
    "universes share: who was referred and biopsied, what was never measured, visits that follow the course of "
    "disease, records that are missing. A bias that all of them have makes them agree.",
    "Universes are listed, not drawn from anything. Shares of universes are therefore printed without an interval, "
    "and are no chances that a conclusion is true.",
    "Options are counted, not differences: two that sort these patients alike count twice. Different ways to "
    "sort them are fewer than definitions.",
    "The largest odds ratios are not the best supported. A model of many features with few labelled patients for "
    "each (fewer than five to ten) is overfitted, and by maximum likelihood its ratios lie too far from one (Peduzzi "
    "et al., J Clin Epidemiol 1996;49:1373; Nemes et al., BMC Med Res Methodol 2009;9:56): look at the number of "
    "labelled patients under the model, and at Firth's estimate. Fewer features also leave more patients "
    "complete, so that models differ by their patients, too.",
    "Who cannot be told counts among the patients of the share, and takes no part in odds and hazard ratios. Where two "
    "visits are asked for, these can be many, and the share falls by that alone. Where no follow-up is asked for, they "
    "are mostly those who soon died or left: their early deaths are missing among the others, and the hazard ratio "
    "can lie too high.",
    "The universe with the most extreme number is the extreme of many, and not to be read as a finding; it shows what "
    "one would have to decide in order to get there.",
    "The hazard ratio that counts the final label from time zero is in no universe. Which label a patient will carry "
    "is found out later, so that it answers no question that can be asked at time zero.",
)
"""One paragraph each, in the order of weight."""

NULL_IN_WORDS = (
    "The question of the joint test: had the exposure nothing to do with the label (or the label nothing to do with "
    "the outcome) in any specification, how often would the curve as a whole look like this? It tests all of them at "
    "once, and does not say which, or how many, are right.",
    "For a predictor, its values are dealt out anew among the patients in whom it is known; labels and all other "
    "features stay with their patients. For the hazard, each patient's label with its month is dealt out anew among "
    "patients who are in the study under the same rules of follow-up; the outcomes stay. Every deal is the same in "
    "all specifications, so that what they have in common, they have in common under the null too.",
    "The patients of a predictor are dealt from all on file, in the study or not: the null says, too, that it has no "
    "part in who is in the study.",
    "A predictor that goes with other features loses that tie as well when it is dealt out. The null is therefore "
    "that it has no part in the label whatever is held equal; a curve may lie beyond it because some models leave out "
    "a feature for which the predictor stands.",
    "Each specification gives a score z (Rao's for odds ratios, the log-rank for hazard ratios): how far, in standard "
    "errors, the patients lie from no difference. Estimators share it. It exists for most specifications "
    "that maximum likelihood cannot estimate, too.",
    "p counts the shuffles that do as well as what was observed, itself included, on the side that the abstract "
    "prints. It cannot be smaller than one over the number of shuffles plus one. A curve is said to lie beyond where "
    "p is below 0.025, half of the usual, for only one side is looked at. The three curves are tested each by itself.",
)
"""What the permutation null is, and what it is not."""
