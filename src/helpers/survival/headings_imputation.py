"""How the columns of the adjusted and the imputed tables are headed; "" hides a column, recorded all the same."""

from __future__ import annotations

ADJUSTED = {
    "term": "", "label": "Held equal", "estimate": "Hazard ratio of the label (95 % CI)", "p": "p", "n": "Patients",
    "events": "Events", "parameters": "Parameters", "events_per_parameter": "Events per parameter", "note": "Note",
}  # fmt: skip

BESIDE = {**ADJUSTED, "label": "Model", "fmi": "FMI", "df": "Degrees of freedom"}

BESIDE_NOTE = (
    "FMI: fraction of missing information. Two conventions: the Cox models of observed patients have normal limits, "
    "the pooled one those of t with Barnard and Rubin's degrees of freedom (events less parameters, where nothing is "
    "missing), so that it is a little wider even where nothing was filled in, and much wider where hardly an event "
    "stands behind a parameter.")

INCOMPLETENESS = {"term": "", "label": "Trait", "estimate": "Odds ratio of being incomplete (95 % CI)", "p": "p",
                  "n": "Patients", "incomplete_n": "Incomplete", "note": "Note"}  # fmt: skip

TIPPING = {
    "term": "", "label": "After loss", "delta": "", "all_estimate": "All lost, HR (95 % CI)",
    "dtt_estimate": "Lost DTT only, HR (95 % CI)", "other_estimate": "Lost others only, HR (95 % CI)",
    "opposed_estimate": "Lost others; DTT by its inverse, HR (95 % CI)",
}  # fmt: skip

TIPPING_NOTE = (
    "Event times drawn after loss and pooled over the draws, with limits of t: at times one a little wider than the "
    "model of the observed. In the last column the first row is all lost DTT failing at once and no lost other, the "
    "last row the reverse. No event was seen past the last one, so that a finite factor moves nobody there.")

ADJUSTED_NOTE = (
    "Label counted from its day; Cox models, Efron ties. Baseline: age, eGFR, any antiphospholipid antibody, active "
    "sediment, cyclophosphamide first, calendar year. The ratios of what is held equal are left out on purpose: they "
    "are no effects.")
