"""The methods of chapter 5's states: occupancy, months, transitions, and the checks on them."""

from __future__ import annotations

from helpers.methods.method import Method

_CHAPTER = "05_response_over_time"

METHODS: tuple[Method, ...] = (
    Method(
        id="states.occupancy", chapter=_CHAPTER, name="State occupancy (Aalen-Johansen, infinitesimal jackknife)",
        answers="What share would be in each state at each month, had everybody been followed?",
        reference="Aalen and Johansen, Scand J Stat 1978;5:141; Datta and Satten, Stat Probab Lett 2001;55:403",
        assumes="That follow-up ends for reasons that say nothing about the future. The process need not be Markov.",
        check="Against plain counting before anybody left, where both agree by arithmetic, and afterwards of "
              "those still followed, where they differ if those who left were in other states.",
        result="Largest difference up to month {response.states.crosscheck.until}: "
               "{response.states.crosscheck.largest:value}; up to month {response.states.crosscheck.left.until}: "
               "{response.states.crosscheck.left.largest:value} percentage points. In complete response at month "
               "sixty: {response.states.complete.60.share:ci}.",
        verified="R survival 3.5-3 survfit (multi-state, id, logit limits) on recur, stanford_heart_transplants and "
                 "lymph_node, the first also with patients starting in both states: shares, errors and limits, 1e-6"),
    Method(
        id="states.bands", chapter=_CHAPTER, name="Bands over all months (equal precision, wild bootstrap)",
        answers="Within which band does the whole curve of one state lie?",
        reference="Bluhmki et al., Lifetime Data Anal 2019;25:97; Nair, Technometrics 1984;26:265",
        assumes="Enough patients for a normal approximation at every month; each state by itself, not all together.",
        check="Shown only where at least ten are alive and followed; for one month alone the band is the interval.",
        result="The band of complete response is drawn around {response.states.complete.60.share} at month sixty.",
        verified="By its limits: for one month alone the band is the interval, within 2 % with 20,000 draws"),
    Method(
        id="states.months", chapter=_CHAPTER, name="Expected months in a state (area under the occupancy)",
        answers="How many months would patients spend in each state, and how do the groups differ?",
        reference="Beyersmann and Putter, Demogr Res 2014;30:1679; Aalen, Borgan, Gjessing, Springer 2008, section 3.4",
        assumes="As occupancy. By final label the months before it are counted in; from the landmark on they are not.",
        check="Counted again by the label known at a landmark, and by three ways of dealing with patients not seen.",
        result="Months in complete response over {response.months.until}: {response.months.dtt.complete:ci} against "
               "{response.months.other.complete:ci}, difference {response.months.difference.complete:ci}; from the "
               "landmark on {response.months.landmark.difference.complete:ci}. Patients not seen move a state by at "
               "most {response.months.unseen.largest} months.",
        verified="R survival 3.5-3 print(survfit, rmean), means and errors, on three data sets, one twice, 1e-6; "
                 "matrices multiplied in every run"),
    Method(
        id="states.rates", chapter=_CHAPTER, name="Transition rates (events over time in the state)",
        answers="How often do patients go from one state to another?",
        reference="Garwood, Biometrika 1936;28:437; Lawless and Nadeau, Technometrics 1995;37:158",
        assumes="A rate that is constant, and for the exact limits changes that are independent of each other.",
        check="Limits with patients as units beside the exact ones; Nelson-Aalen curves beside the straight line.",
        result="Complete response to flare, per hundred patient-years: "
               "{response.transitions.dtt.complete_to_flare.rate:ci} after the label, "
               "{response.transitions.other.complete_to_flare.rate:ci} without or before it.",
        verified="R poisson.test, and survreg (exponential, cluster) for patients as units, on three data sets, 1e-6"),
    Method(
        id="states.rate_ratios", chapter=_CHAPTER, name="Ratio of transition rates (patients as units)",
        answers="Do patients change state more often after the label than without it?",
        reference="Lawless and Nadeau, Technometrics 1995;37:158; Andersen and Gill, Ann Stat 1982;10:1100",
        assumes="That each rate is constant, or for the matched ratio that the two rise and fall together.",
        check="Ratio at the same time since time zero beside it. Limits are exact where fewer than five patients made "
              "the change.",
        result="Complete response to flare {response.transitions.complete_to_flare.ratio:ci}, at the same time "
               "{response.transitions.complete_to_flare.matched_ratio:ci}; active to complete response "
               "{response.transitions.active_to_complete.ratio:ci}; active to kidney failure "
               "{response.transitions.active_to_esrd.ratio:ci}.",
        verified="R 4.2.2 glm(poisson) with the sandwich by patient, and poisson.test, on two data sets; R survival "
                 "3.5-3 coxph(ties = breslow, cluster) for the matched ratio; 1e-6"),
    Method(
        id="states.intensities", chapter=_CHAPTER, name="Cumulative intensities (Nelson-Aalen, robust)",
        answers="Is the rate of a change of state constant, and how do the groups differ over time?",
        reference="Aalen, Borgan, Gjessing, Springer 2008, section 3.1; Lawless and Nadeau, Technometrics 1995;37:158",
        assumes="That who is at risk stands for who would be; after the label patients are at risk from the label on.",
        check="Drawn beside the straight line of a constant rate.",
        result="Constant rate, active to complete response: {response.transitions.dtt.active_to_complete.rate:ci} "
               "after the label, {response.transitions.other.active_to_complete.rate:ci} without or before it.",
        verified="R survival 3.5-3 survfit(..., robust = TRUE), cumhaz and std.chaz, on three data sets, 1e-6"),
    Method(
        id="states.memory", chapter=_CHAPTER, name="Landmark Aalen-Johansen against the product of hazards",
        answers="Does the present state alone decide what comes next (Markov)?",
        reference="Putter and Spitoni, Stat Methods Med Res 2018;27:2081",
        assumes="As occupancy, from the landmark on; at least ten patients in the state there.",
        check="The difference from what the state alone foretells, with the error of both sides (jackknife).",
        result="Of a hundred in complete response at the landmark, in it at month sixty: "
               "{table.response.states.memory.complete.estimate:ci}, against "
               "{table.response.states.memory.complete.markov_percent} if only the state mattered: difference "
               "{table.response.states.memory.complete.difference_estimate:ci}.",
        verified="Product of hazards: R etm 1.1-1 on two data sets; landmark: survfit from mixed states; 1e-6. Error "
                 "of the difference: leaving out patient by patient, 5 %"),
)  # fmt: skip
