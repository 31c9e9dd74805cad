"""Log-rank, Cox and the proportional-hazards test where they have no answer (where they have one: against R)."""

import lifelines.datasets as shipped
import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter

from helpers.survival.hazards import FEWEST_TO_SMOOTH, compare_hazards, derive_schoenfeld
from helpers.survival.models import compare_survival, estimate_cox, fit_cox


def periods(*rows):
    """Rows of (stop, event?, dtt)."""
    table = pd.DataFrame(rows, columns=["stop", "is_event", "is_dtt"])
    return table.assign(patient_id=range(len(rows)), start=0.0, stop=table.stop.astype(float),
                        is_event=table.is_event.astype(bool))  # fmt: skip


def outcomes(*rows):
    """Rows of (months, died?, group)."""
    months, died, group = zip(*rows, strict=True)
    return pd.DataFrame({"death_months": [float(m) for m in months], "group": group,
                         "death_status": ["death" if d else "censored" for d in died]})  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "note"),
    [
        ([(1, 0, 1), (2, 0, 0)], "no event"),
        ([(1, 1, 1), (2, 0, 1)], "nobody to compare with"),
        ([(1, 0, 1), (2, 1, 0), (3, 1, 0)], "no event on one side"),
        ([(1, 1, 0), (1, 0, 0), (3, 1, 1), (4, 1, 1)], "the hazard ratio has no finite estimate"),
        ([(2, 0, 0), (2, 0, 0), (3, 1, 1), (4, 1, 1)], "no event on one side"),
    ],
)
def test_a_cox_model_without_an_answer_is_missing_and_says_why(rows, note):
    found = estimate_cox(periods(*rows)).iloc[0]
    assert found.note == note
    assert found[["estimate", "low", "high", "p"]].isna().all()
    assert (found.n, found.events) == (len(rows), sum(event for _, event, _ in rows))
    test = compare_hazards(periods(*rows)).iloc[0]
    assert test.note == note and np.isnan(test.p)
    assert derive_schoenfeld(periods(*rows)).empty


def test_nobody_at_all_is_no_event():
    assert estimate_cox(periods((1, 0, 1)).iloc[:0]).note.tolist() == ["no event"]


def test_a_covariate_that_says_the_same_as_another_cannot_be_fitted():
    table = periods(*[(m, m % 2, m % 3 == 0) for m in range(1, 30)]).astype({"is_dtt": int})
    fit = fit_cox(table.assign(again=table.is_dtt), covariates=["is_dtt", "again"])
    assert fit.note == "the hazard ratio has no finite estimate"


@pytest.mark.parametrize(
    ("n", "exposed", "pace", "golden"),
    [  # summary(coxph(Surv(stop, event) ~ x, d, control = coxph.control(eps = 1e-12))), R 4.2.2, survival 3.5-3
        (24, 4, 5, [25.70077686, 4.329165232, 152.5767430, 3.536510210e-04]),
        (30, 2, 3, [22.95336135, 3.170429798, 166.1783514, 1.919666093e-03]),
        (36, 3, 13, [83.78813072, 7.898488366, 888.8347394, 2.377160343e-04]),
    ],
)
def test_few_exposed_with_early_events_have_a_finite_ratio_though_a_whole_newton_step_overshoots(
    n, exposed, pace, golden
):  # fmt: skip
    i = np.arange(n)
    is_dtt = i < exposed
    stop = np.where(is_dtt, 1 + (i * pace) % 4, 2 + (i * pace) % n)
    found = estimate_cox(periods(*zip(stop, is_dtt | (i % 5 == 0), is_dtt.astype(int), strict=True))).iloc[0]
    assert found.note == ""
    np.testing.assert_allclose(found[["estimate", "low", "high", "p"]].astype(float), golden, rtol=1e-8)


def test_lifelines_agrees_with_the_cox_fit_to_four_digits():
    rossi = shipped.load_rossi()
    table = rossi.assign(patient_id=rossi.index, start=0.0, stop=rossi.week, is_event=rossi.arrest.astype(bool))
    theirs = CoxPHFitter().fit(rossi[["week", "arrest", "fin", "prio"]], "week", "arrest").params_
    np.testing.assert_allclose(fit_cox(table, covariates=["fin", "prio"]).log_ratios, theirs, atol=1e-4)


def test_the_model_knows_only_the_order_of_times():
    rng = np.random.default_rng(2)
    table = periods(*zip(rng.integers(1, 30, 60), rng.random(60) < 0.6, rng.random(60) < 0.5, strict=True))
    table = table.assign(is_dtt=table.is_dtt.astype(int))
    stretched = table.assign(stop=table.stop**3)
    assert estimate_cox(table).estimate[0] == pytest.approx(estimate_cox(stretched).estimate[0], rel=1e-12)
    assert compare_hazards(table).p[0] == pytest.approx(compare_hazards(stretched).p[0], rel=1e-9)


def test_a_patient_split_in_two_periods_counts_once_and_changes_nothing():
    rng = np.random.default_rng(3)
    whole = periods(*zip(rng.integers(2, 40, 50), rng.random(50) < 0.5, rng.random(50) < 0.5, strict=True))
    whole = whole.assign(is_dtt=whole.is_dtt.astype(int))
    split = pd.concat([whole.assign(stop=whole.stop / 2, is_event=False), whole.assign(start=whole.stop / 2)])
    for column in ("estimate", "low", "high", "p", "n", "events"):
        assert estimate_cox(split)[column][0] == pytest.approx(estimate_cox(whole)[column][0], rel=1e-9)
    assert compare_hazards(split).chi2[0] == pytest.approx(compare_hazards(whole).chi2[0], rel=1e-9)


def test_a_hazard_ratio_that_fades_is_found_and_a_constant_one_is_not():
    rng = np.random.default_rng(4)
    exposed = rng.random(600) < 0.5
    constant = rng.exponential(1 / np.where(exposed, 0.06, 0.02))
    early = rng.exponential(1 / np.where(exposed, 0.12, 0.02))
    fading = np.where(early > 8, 8 + rng.exponential(50, 600), early)
    for times, is_found in ((constant, False), (fading, True)):
        table = periods(*zip(times, np.ones(600), exposed.astype(int), strict=True))
        assert (compare_hazards(table).p[0] < 0.05) == is_found
    residuals = derive_schoenfeld(table)
    assert residuals.smooth.iloc[:50].mean() > residuals.average[0] > residuals.smooth.iloc[-50:].mean()


def test_one_event_month_is_too_few_for_the_test_and_few_months_are_not_smoothed():
    table = periods((1, 1, 1), (1, 1, 0), (2, 0, 1), (2, 0, 0), (3, 0, 0))
    found = compare_hazards(table).iloc[0]
    assert (found.note, np.isnan(found.p)) == ("too few events", True)
    rows = [(m, 1, m % 2) for m in range(1, FEWEST_TO_SMOOTH)] + [(20, 0, 0), (20, 0, 1)]
    assert derive_schoenfeld(periods(*rows)).smooth.isna().all()
    rows.append((11, 1, 1))
    assert derive_schoenfeld(periods(*rows)).smooth.notna().all()


@pytest.mark.parametrize(
    ("rows", "note"),
    [
        ([(1, 1, "dtt"), (2, 0, "dtt")], "only one group"),
        ([(1, 0, "dtt"), (2, 0, "other")], "no event"),
        ([(1, 0, "dtt"), (2, 1, "other")], "no event while two groups were at risk"),
        ([(1, 1, "cannot tell"), (2, 1, "other")], "only one group"),
    ],
)
def test_a_log_rank_test_without_an_answer_says_why(rows, note):
    found = compare_survival(outcomes(*rows), outcome="death").iloc[0]
    assert found.note == note and np.isnan(found.p) and np.isnan(found.chi2)


def test_a_log_rank_test_by_hand():
    # one death at month 1 among two and two: observed less expected 1/2, variance 1/4, chi-squared 1
    found = compare_survival(outcomes((1, 1, "dtt"), (2, 0, "dtt"), (2, 0, "other"), (2, 0, "other")), outcome="death")
    assert found.chi2[0] == pytest.approx(1)
    assert (found.df[0], found.n[0], found.events[0], found.note[0]) == (1, 4, 1, "")
