"""A multiverse of made-up numbers, in the shape that a real one has: nothing in it was estimated from anybody."""

import numpy as np
import pandas as pd
import yaml

from helpers.cohort.selection import EXCLUSIONS
from helpers.definitions import ARMS, FEATURES
from helpers.multiverse.grid import Grid
from helpers.multiverse.reading import SHIPPED, parse_grid
from helpers.multiverse.results import Multiverse
from helpers.multiverse.universes import derive_universes

ON_FILE, SHUFFLES = 220, 20
KEPT = ("response_rule", "complete_upcr", "flare_rule", "flare_window", "deadline")
NAMED = [name for name, feature in FEATURES.items() if feature.named_in_abstract]
TERMS = {"all_named": NAMED, "before_biopsy": NAMED[:10], "independent": ["active_sediment", "any_apl"]}
PRINTED = {"any_apl": (6.2062, 2.0904, 18.4255), "active_sediment": (4.125, 1.5, 11.25)}
HAZARD = (4.599, 2.3724, 8.9158)


def make_grid() -> Grid:
    """The shipped grid with two decisions less, small enough for a test."""
    content = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    content["definition"] = {name: content["definition"][name] for name in KEPT}
    return parse_grid(content, name="small")


def make_multiverse(grid: Grid | None = None, *, seed: int = 1, is_synthetic: bool = True) -> Multiverse:
    """All tables of a multiverse; the first universe has the numbers that are given above."""
    grid, rng = grid or make_grid(), np.random.default_rng(seed)
    letters = make_letters(grid, rng=rng)
    definitions = make_definitions(grid, letters=letters, rng=rng)
    odds, hazards = make_odds(grid, rng=rng), make_hazards(grid, rng=rng)
    return Multiverse(
        grid=grid, meta={"synthetic": is_synthetic, "data": "data/raw", "permutations": SHUFFLES, "seed": 1,
                         "code": "0123456789abcdef"},
        definitions=definitions, odds=odds, hazards=hazards,
        answers=pd.DataFrame({"definition": definitions["definition"], "answers": ["".join(row) for row in letters]}),
        patients=pd.DataFrame({"position": range(ON_FILE), "patient_id": [f"P{n:03d}" for n in range(1, ON_FILE + 1)]}),
        curves=make_curves(grid, rng=rng), null=make_null(grid, rng=rng),
        universes=derive_universes(grid, definitions, odds, hazards))  # fmt: skip


def make_letters(grid: Grid, *, rng: np.random.Generator) -> np.ndarray:
    """Who is what: 57 of 181 in the default; elsewhere a few patients more or less, by where they stand."""
    size = len(grid.list_definitions())
    cut = np.concatenate([[57], rng.integers(20, 110, size - 1)])
    row = np.full(ON_FILE, "n")
    letters = np.tile(row, (size, 1))
    letters[:, 176:181], letters[:, 181:] = "?", "-"
    letters[np.arange(ON_FILE)[None, :] < cut[:, None]] = "y"
    return letters


def make_definitions(grid: Grid, *, letters: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    count = {name: (letters == sign).sum(axis=1) for name, sign in (("yes", "y"), ("no", "n"), ("cannot_tell", "?"))}
    eligible, size = (letters != "-").sum(axis=1), len(grid.list_definitions())
    share = count["yes"] / eligible
    half = 1.96 * np.sqrt(share * (1 - share) / eligible)
    choices = [grid.choices_of(code + grid.list_analyses()[0]) for code in grid.list_definitions()]
    left_out = {f"{name}_n": np.full(size, out) for name, out in zip(EXCLUSIONS, (3, 7, 9, 2, 15, 3), strict=True)}
    arms = {f"{arm}_n": rng.integers(0, 1 + count["yes"]).astype(float) for arm in ARMS}
    table = pd.DataFrame({
        "definition": range(size), **{d.name: [c[d.name] for c in choices] for d in grid.in_block("definition")},
        "code": grid.list_definitions(), "on_file_n": ON_FILE, **left_out, "eligible_n": eligible,
        **{f"{name}_n": values for name, values in count.items()},
        "share": share, "low": share - half, "high": share + half, **arms})  # fmt: skip
    table.loc[table["flare_rule"].eq("none"), "early_flare_n"] = np.nan
    return table


def make_estimates(rows: pd.DataFrame, *, rng: np.random.Generator, centre: float = 0.4) -> pd.DataFrame:
    z, error = rng.normal(centre, 0.7, len(rows)), rng.uniform(0.2, 0.7, len(rows))
    return rows.assign(estimate=np.exp(z), low=np.exp(z - 1.96 * error), high=np.exp(z + 1.96 * error),
                       p=rng.uniform(0, 1, len(rows)) ** 4)  # fmt: skip


def make_odds(grid: Grid, *, rng: np.random.Generator) -> pd.DataFrame:
    own = {decision.name: decision.names for decision in grid.decisions}
    rows = pd.DataFrame([(d, c, e, term) for d in range(len(grid.list_definitions())) for c in own["covariates"]
                         for e in own["estimator"] for term in TERMS[c]],
                        columns=["definition", "covariates", "estimator", "term"])  # fmt: skip
    table = make_estimates(rows, rng=rng).assign(n=171, events=54, status="estimated")
    for term, numbers in PRINTED.items():
        table.loc[table.index[:15][table["term"].iloc[:15].eq(term)], ["estimate", "low", "high"]] = numbers
    bare = table["estimator"].eq("firth") & ~table["term"].isin(PRINTED)
    table.loc[bare, ["low", "high"]] = np.nan
    table.loc[bare, "status"] = "interval not found"
    gone = table["definition"].eq(5) & table["estimator"].eq("ml")
    table.loc[gone, ["estimate", "low", "high", "p"]] = np.nan
    table.loc[gone, "status"] = "separated"
    return table


def make_hazards(grid: Grid, *, rng: np.random.Generator) -> pd.DataFrame:
    own = {decision.name: decision.names for decision in grid.decisions}
    rows = pd.DataFrame([(d, w, t) for d in range(len(grid.list_definitions())) for w in own["worsening_rule"]
                         for t in own["time_zero"]], columns=["definition", "worsening_rule", "time_zero"])  # fmt: skip
    table = make_estimates(rows, rng=rng, centre=1.0).assign(n=181, dtt_n=50, events=50, events_dtt=24, note="")
    table.loc[0, ["estimate", "low", "high"]] = HAZARD
    table.loc[7, ["estimate", "low", "high", "p"]] = np.nan
    return table


def make_curves(grid: Grid, *, rng: np.random.Generator) -> pd.DataFrame:
    own = {decision.name: decision.names for decision in grid.decisions}
    ticks, rows = np.arange(0.0, 121.0, 24.0), []
    for definition in range(len(grid.list_definitions())):
        for worsening in own["worsening_rule"]:
            for zero in own["time_zero"]:
                for group, hazard in (("dtt", 0.006), ("other", 0.0015)):
                    months = np.sort(rng.uniform(1, 120, 12))
                    steps = np.exp(-np.cumsum(rng.uniform(0, 2, 12)) * hazard * 10)
                    rows.append((definition, worsening, zero, group, np.concatenate([[0], months, [120.0]]),
                                 np.concatenate([[1.0], steps, steps[-1:]]), ticks,
                                 np.linspace(57, 10, len(ticks)).astype(int), 57, 12))  # fmt: skip
    table = pd.DataFrame(rows, columns=["definition", "worsening_rule", "time_zero", "group", "months", "survival",
                                        "ticks", "at_risk_n", "n", "events"])  # fmt: skip
    return table.loc[~(table["definition"].eq(3) & table["group"].eq("dtt"))].reset_index(drop=True)


def make_null(grid: Grid, *, rng: np.random.Generator) -> pd.DataFrame:
    own = {decision.name: decision.names for decision in grid.decisions}
    size = range(len(grid.list_definitions()))
    rows = [(d, exposure, c, "", "") for exposure in PRINTED for d in size for c in own["covariates"]]
    rows += [(d, "hazard", "", w, t) for d in size for w in own["worsening_rule"] for t in own["time_zero"]]
    table = pd.DataFrame(rows, columns=["definition", "quantity", "covariates", "worsening_rule", "time_zero"])
    scores = rng.normal(0, 1, (len(table), SHUFFLES)) + rng.normal(0, 1, SHUFFLES)
    return table.assign(observed=rng.normal(2, 1, len(table)), permuted=list(scores.astype("float32")))
