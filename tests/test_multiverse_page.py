"""The page of a multiverse: what it shows for a universe is what the tables hold for it, by mouse and by keyboard."""

import base64
import json
import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from in_browser import find_violations
from made_up_multiverse import HAZARD, ON_FILE, PRINTED, make_grid, make_multiverse

from helpers.cohort.selection import EXCLUSIONS
from helpers.definitions import ARMS, FEATURES
from helpers.multiverse.answer import find_known, print_estimate, say_answer
from helpers.multiverse.axes import choose_ratio_axis, choose_share_axis
from helpers.multiverse.commands import list_commands, name_data
from helpers.multiverse.gathered import gather_summaries
from helpers.multiverse.joint import NOT_TESTED
from helpers.multiverse.packing import pack
from helpers.multiverse.page import render_page, say_caption, write_multiverse
from helpers.multiverse.payload import NOT_COUNTED, make_payload, thin_band
from helpers.multiverse.reading import SHIPPED, parse_grid, read_grid
from helpers.multiverse.tables import list_conclusions, list_joint, list_patients, list_variance, make_bar
from helpers.parameters import ParameterError
from helpers.wording import format_number, format_p, format_percent

DEFAULT = "000000000"
QUANTITIES = ("share", "any_apl", "active_sediment", "hazard")


@pytest.fixture(scope="module")
def results():
    """Made-up numbers on the shipped grid, two decisions less."""
    return make_multiverse()


@pytest.fixture(scope="module")
def page(results, tmp_path_factory) -> Path:
    """The page of these numbers."""
    return write_multiverse(results, tmp_path_factory.mktemp("reports") / "multiverse")


@pytest.fixture(scope="module")
def summaries(results):
    """The summaries of these numbers."""
    return gather_summaries(results)


@pytest.fixture
def no_figures(monkeypatch):
    """Pages without their figures for print, which take seconds and are not what is looked at."""
    monkeypatch.setattr("helpers.multiverse.page.draw_curves", lambda *_: {"none.svg": "<svg/>"})


# What it holds, read from the results themselves


def count_specifications(grid, *decisions: str) -> int:
    """How many specifications a quantity has that these decisions about the analysis reach."""
    options = {decision.name: len(decision.options) for decision in grid.decisions}
    return len(grid.list_definitions()) * math.prod(options[name] for name in decisions)


def read_universe(results, code: str) -> dict[str, str]:
    """The four numbers of a universe as they have to be printed."""
    row = results.universes.set_index("code").loc[code]
    numbers = {name: print_estimate(row[name], row[f"{name}_low"], row[f"{name}_high"]) for name in QUANTITIES[1:]}
    return {"share": print_estimate(row["share"], row["share_low"], row["share_high"], is_share=True), **numbers}


def read_flow(results, code: str) -> dict[str, str]:
    row = results.definitions.set_index("code").loc[code[:5]]
    names = [f"{name}_n" for name in ("on_file", *EXCLUSIONS, "eligible", "yes", "no", "cannot_tell", *ARMS)]
    return {name: "off" if pd.isna(row[name]) else format_number(float(row[name])) for name in names}


def read_model(results, code: str) -> list[tuple[str, ...]]:
    chosen = results.grid.choices_of(code)
    own = results.odds.loc[results.odds["definition"].eq(list(results.grid.list_definitions()).index(code[:5]))
                           & results.odds["covariates"].eq(chosen["covariates"])
                           & results.odds["estimator"].eq(chosen["estimator"])]  # fmt: skip
    shown = [(row, print_estimate(row.estimate, row.low, row.high)) for row in own.itertuples()]
    return [(FEATURES[row.term].label, text.split(" (")[0],
             row.status if pd.isna(row.low) else text.split("CI ")[1].removesuffix(")"),
             "" if pd.isna(row.estimate) else format_p(row.p, sign=False)) for row, text in shown]  # fmt: skip


def read_curve(results, code: str, group: str) -> pd.Series | None:
    chosen = results.grid.choices_of(code)
    table = results.curves
    own = table.loc[table["definition"].eq(list(results.grid.list_definitions()).index(code[:5]))
                    & table["worsening_rule"].eq(chosen["worsening_rule"])
                    & table["time_zero"].eq(chosen["time_zero"]) & table["group"].eq(group)]  # fmt: skip
    return own.iloc[0] if len(own) else None


# The files


def test_the_page_comes_with_its_tables_and_figures(page):
    found = {str(path.relative_to(page.parent)) for path in page.parent.rglob("*") if path.is_file()}
    assert found == {
        "index.html", "multiverse.json", "tables/conclusions.csv", "tables/joint_test.csv", "tables/patients.csv",
        "tables/variance.csv", *(f"tables/specifications_{name}.csv" for name in QUANTITIES),
        *(f"figures/specifications_{name}.svg" for name in QUANTITIES)}  # fmt: skip
    assert json.loads((page.parent / "multiverse.json").read_text())["synthetic"] is True
    linked = re.findall(r'href="((?:tables|figures)/[^"]*)"', page.read_text(encoding="utf-8"))
    assert sorted(linked) == sorted(name for name in found if "/" in name)


def test_the_same_results_give_the_same_page_and_take_the_place_of_an_earlier(results, page, tmp_path, no_figures):
    home = tmp_path / "again"
    for _ in range(2):
        written = write_multiverse(results, home)
        assert written == home / "index.html"
        assert written.read_bytes() == page.read_bytes()
        (home / "left.txt").write_text("by hand")
    write_multiverse(results, home)
    assert not (home / "left.txt").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["again"]


def test_a_folder_that_holds_anything_else_is_left_alone(results, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "index.html").write_text("mine")
    with pytest.raises(ParameterError, match="is no page of a multiverse"):
        write_multiverse(results, tmp_path / "mine")
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ParameterError, match="is no folder"):
        write_multiverse(results, tmp_path / "file")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "index.html", "mine"]


def test_a_page_that_cannot_be_put_in_place_leaves_nothing_aside(results, tmp_path, monkeypatch, no_figures):
    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("helpers.multiverse.page.put_in_place", fail)
    with pytest.raises(OSError, match="No space"):
        write_multiverse(results, tmp_path / "page")
    assert not list(tmp_path.iterdir())


def test_the_page_names_no_address_but_its_own_places_files_and_universes(page):
    text = page.read_text(encoding="utf-8")
    addresses = re.findall(r'(?:href|src|action|srcset)="([^"]*)"', text)
    assert all(re.match(r"#[a-z-]+$|#u=[0-9a-z]+$|(tables|figures)/[a-z_]+\.(csv|svg)$", one) for one in addresses)
    assert "default-src 'none'" in text.replace("&#39;", "'")
    assert "Simulated patients: nothing on this page is evidence." in text
    assert " style=" not in text  # the policy would refuse it


def test_patients_who_are_not_simulated_are_named_as_patient_data(results, summaries):
    text = render_page(replace(results, meta={**results.meta, "synthetic": False}), summaries)
    assert "treat it as patient data" in text
    assert "nothing on this page is evidence" not in text


def test_text_from_the_data_stays_text(results):
    names = [f"P{n}</script><img src=x onerror=alert(1)>" for n in range(ON_FILE)]
    odd = replace(results, patients=results.patients.assign(patient_id=names))
    text = render_page(odd, gather_summaries(odd))
    assert text.count("</script>") == 2
    assert "<img" not in text


def test_without_shuffles_there_is_no_band_and_no_joint_test(results):
    bare = replace(results, null=results.null.iloc[:0], meta={**results.meta, "permutations": 0})
    text = render_page(bare, gather_summaries(bare))
    assert "so there is no joint test" in text
    assert "(joint test" not in text
    assert make_payload(bare)["quantities"]["hazard"]["band"] == {"low": [], "high": [], "rank": []}


# The answer


def test_the_answer_reads_its_numbers_out_of_the_tables(results, summaries):
    share, apl, sediment, hazard, whole = say_answer(results, summaries)
    known = results.universes["any_apl"].dropna()
    assert share.startswith("Difficult to treat: 31.5\u202f% (95\u202f% CI ")
    assert "(25.2\u202f% to 38.6\u202f%, the interval of the printed share) holds in " in share
    assert share.endswith(f" they sort the patients in {results.answers['answers'].nunique()} different ways.")
    assert "odds ratio 6.21 (95\u202f% CI 2.09 to 18.43) in the study" in apl
    size = count_specifications(results.grid, "covariates", "estimator")
    assert f"{format_number(known.min())} to {format_number(known.max())} over all {size} specifications. It is" in apl
    assert f" 3 have no estimate, and bear nothing out; of those with one, {format_percent(known.gt(1).mean())}" in apl
    assert "odds ratio 4.12" in sediment
    assert "hazard ratio 4.60" in hazard
    assert "joint test, one-sided p" in hazard
    assert f"of the {results.grid.size:,} universes".replace(",", "\u202f") in whole


def test_an_answer_of_a_quantity_that_cannot_be_estimated_says_so(results, summaries):
    gone = summaries.specifications["hazard"].assign(estimate=np.nan, low=np.nan, high=np.nan)
    joint = summaries.joint.assign(observed=np.nan, low=np.nan, high=np.nan, p=np.nan, verdict=NOT_TESTED)
    empty = replace(summaries, specifications={**summaries.specifications, "hazard": gone}, joint=joint)
    hazard = say_answer(results, empty)[3]
    size = count_specifications(results.grid, "worsening_rule", "time_zero")
    assert f"hazard ratio not estimable in the study, never estimable over all {size} specifications" in hazard
    assert hazard.endswith("None bears anything out.")
    assert "joint test" not in hazard
    row = list_joint(empty)[0]
    assert (row["observed"], row["shuffled"], row["p"]) == ("not estimable", "", "not estimable")


@pytest.mark.parametrize(("hazard", "words"), [(2.0, "does not hold"), (np.nan, "not estimable")])
def test_what_cannot_be_estimated_in_the_study_is_not_said_to_fail_there(summaries, hazard, words):
    own = summaries.specifications["hazard"]
    gone = own.assign(estimate=own["estimate"].mask(own["is_default"], hazard))
    fails = summaries.conclusions.assign(in_study=summaries.conclusions["in_study"] & ~summaries.conclusions[
        "conclusion"].eq("hazard_above"))  # fmt: skip
    shown = list_conclusions(replace(summaries, conclusions=fails, specifications={
        **summaries.specifications, "hazard": gone}))  # fmt: skip
    assert [row["in_study"] for row in shown if row["label"] == "Difficult to treat: hazard ratio above 1"] == [words]


def test_numbers_without_an_end_are_missing():
    assert [find_known(value) for value in (1.5, np.nan, np.inf, -np.inf)] == [1.5, None, None, None]
    assert print_estimate(2.0, 1.0, np.inf) == "2.00 (95\u202f% CI 1.00 to no limit)"


# The tables


def test_conclusions_patients_and_variance_are_printed_as_they_were_counted(results, summaries):
    first = summaries.conclusions.iloc[0]
    shown = list_conclusions(summaries)[0]
    assert shown["held"].text == format_percent(first["share"])
    assert shown["counts"] == f"{first['holds_n']} of {len(results.definitions)}"
    assert list_conclusions(summaries)[-1]["weakest"] == ""
    shares = [row["dtt"].length for row in list_patients(summaries) if row["dtt"]]
    assert shares == sorted(shares, reverse=True)
    assert len(list_patients(summaries)) == ON_FILE
    rows = {row["label"]: row["shares"] for row in list_variance(summaries, results.grid)}
    assert rows["Kidney worsening"]["share"] is None
    assert sum(bar.length for bar in (row["share"] for row in rows.values()) if bar) == pytest.approx(1, abs=0.01)
    assert make_bar(-0.001).length == 0


def test_a_decision_without_a_choice_has_no_share_of_the_variance(summaries):
    grid = parse_grid({"definition": {"deadline": read_grid().describe()["definition"]["deadline"]}}, name="one")
    assert [row["label"] for row in list_variance(summaries, grid)] == ["Judged", "Only together with others"]


def test_a_caption_counts_what_has_no_estimate():
    assert say_caption(pd.Series([1.0, np.nan, np.nan])).endswith("2 without an estimate, at the right end.")


# The payload


def test_numbers_that_do_not_fit_their_kind_are_refused():
    for values in ([-1], [2**16], [0.5]):
        with pytest.raises(ValueError, match="u2 cannot hold"):
            pack(values, "u2")
    assert pack([NOT_COUNTED], "u2")["data"] == "//8="


def test_an_arm_that_is_switched_off_is_not_counted_as_nobody(results):
    data = make_payload(results)["definitions"]["counts"]["early_flare_n"]["data"]
    packed = np.frombuffer(base64.b64decode(data), "<u2")
    is_off = results.definitions["early_flare_n"].isna().to_numpy()
    assert is_off.any()
    assert (packed[is_off] == NOT_COUNTED).all()
    assert (packed[~is_off] < NOT_COUNTED).all()


def test_the_pieces_of_the_commands_make_the_command_of_every_universe(results):
    pieces, grid = list_commands(results), results.grid
    for d, definition in enumerate(grid.list_definitions()):
        for a, analysis in enumerate(grid.list_analyses()):
            words = sorted({*pieces["definitions"][d], *pieces["analyses"][a]})
            made = " ".join([pieces["run"].replace("CODE", definition + analysis),
                             *(f"-p {pieces['words'][word]}" for word in words)])  # fmt: skip
            assert made == grid.command_of(definition + analysis)
    assert pieces["universe"] == "python -m helpers universe CODE --grid GRID.yml"
    named = replace(results, grid=replace(grid, file="my grids/own.yml"))
    assert list_commands(named)["universe"] == "python -m helpers universe CODE --grid 'my grids/own.yml'"


def test_commands_name_the_data_unless_they_are_the_shipped_ones(results, tmp_path):
    assert name_data(results) == ""
    other = replace(results, grid=read_grid(), meta={**results.meta, "data": "/our data"})
    assert list_commands(other)["universe"] == "python -m helpers universe CODE --data '/our data'"
    assert "-p 'data_dir=/our data'" in other.grid.command_of("0" * 11, data_dir=name_data(other))


def test_axes_have_room_for_estimates_and_start_and_end_at_round_numbers():
    none = pd.DataFrame({"low": [], "high": []}, dtype=float)
    wide = pd.DataFrame({"estimate": [0.001, 400.0], "low": [np.nan, 1.0], "high": [np.inf, 500.0]})
    assert choose_ratio_axis(wide, band=none)["ticks"][0] == 0.02
    assert choose_ratio_axis(wide, band=none)["ticks"][-1] == 50.0
    empty = choose_ratio_axis(pd.DataFrame({"estimate": [], "low": [], "high": []}, dtype=float), band=none)
    assert empty["low"] < empty["high"]
    assert choose_share_axis(pd.DataFrame({"high": [np.nan]}))["high"] == 1.0
    assert [choose_share_axis(pd.DataFrame({"high": [high]}))["high"] for high in (0.0, 0.3, 0.31)] == [0.1, 0.3, 0.4]


def test_a_band_keeps_its_ends_and_is_thinned_between_them():
    band = pd.DataFrame({"rank": range(1, 1001), "low": np.linspace(0.1, 1, 1000), "high": 2.0})
    thin = thin_band(band, n=1000)
    assert len(thin["rank"]) == 240
    assert (thin["rank"][0], thin["rank"][-1], thin["low"][0], thin["low"][-1]) == (1.0, 1000.0, 0.1, 1.0)


def test_the_page_of_the_shipped_grid_stays_under_five_megabytes():
    """With made-up numbers, of which no two curves are alike; those of real patients are shared by many universes."""
    results = make_multiverse(read_grid())
    page = render_page(results, gather_summaries(results))
    assert 1_000_000 < len(page.encode()) < 5_000_000


# In a browser


browse = [pytest.mark.browser, pytest.mark.slow]


class Reader:
    """What a reader sees of the universe that a page shows."""

    def __init__(self, opened) -> None:
        self.opened, self.page = opened, opened.page

    def code(self) -> str:
        return self.page.locator("[data-code]").inner_text()

    def wait_until(self, happens: str, code: str) -> None:
        """The address changes first, and what is shown a moment later."""
        self.page.wait_for_function(happens, arg=code)

    def leaves(self, code: str) -> None:
        """Wait until another universe than this one is shown."""
        self.wait_until("code => document.querySelector('[data-code]').textContent !== code", code)

    def numbers(self) -> dict[str, str]:
        found = {}
        for name in QUANTITIES:
            card = self.page.locator(f'.card[data-quantity="{name}"]')
            value, ends = (card.locator(part).inner_text() for part in (".value", ".ends"))
            found[name] = f"{value} ({ends})" if ends else value
        return found

    def flow(self) -> dict[str, str]:
        return dict(self.page.eval_on_selector_all(
            "[data-count]", "all => all.map(one => [one.dataset.count, one.textContent])"))

    def model(self) -> list[tuple[str, ...]]:
        rows = self.page.eval_on_selector_all(
            "[data-forest] tbody tr", "all => all.map(row => ['th', '.estimate', '.ends', '.p'].map("
            "part => row.querySelector(part).textContent))")
        return [tuple(row) for row in rows]

    def curve(self, group: str) -> str:
        return self.page.locator(f'[data-curve="{group}"]').get_attribute("d")

    def curves_in_words(self) -> str:
        return self.page.locator("[data-curves] svg").get_attribute("aria-label")

    def agrees_with(self, results, code: str) -> None:
        """Hold everything against the tables."""
        self.wait_until("code => document.querySelector('[data-code]').textContent === code", code)
        assert self.numbers() == read_universe(results, code)
        assert self.flow() == read_flow(results, code)
        assert self.model() == read_model(results, code)
        for group in ("dtt", "other"):
            own = read_curve(results, code, group)
            if own is not None:
                steps = 1 + int((np.diff(np.round(own["survival"] * 60_000)) != 0).sum())
                assert self.curve(group).count("V") in (steps - 1, steps)
                end = format_percent(round(own["survival"][-1] * 60_000) / 60_000)
                assert f"{end} free of the outcome at month 120" in self.curves_in_words()
        assert self.page.locator("[data-copied=run]").inner_text() == results.grid.command_of(code)


@pytest.fixture
def read(open_page, page):
    """Open the page at a universe."""
    def make(code: str = "", **options) -> Reader:
        opened = open_page(page, **options)
        if code:
            opened.page.goto(f"{page.as_uri()}#u={code}")
        return Reader(opened)

    return make


class TestInABrowser:
    """What a reader meets."""

    pytestmark = browse

    def test_it_opens_with_the_study_as_it_stands(self, read, results):
        reader = read()
        reader.agrees_with(results, DEFAULT)
        numbers = reader.numbers()
        assert [numbers[name].split(" (")[0] for name in QUANTITIES] == ["31.5\u202f%", "6.21", "4.12", "4.60"]
        assert reader.page.locator("[data-moved]").inner_text() == "This is the default: nobody moved."
        back = reader.page.get_by_role("button", name="Back to the default")
        assert back.get_attribute("aria-disabled") == "true"

    def test_by_mouse_every_decision_moves_everything(self, read, results):
        reader = read()
        before = reader.curve("dtt")
        for label, code in (("0.7 g/g", "020000000"), ("KDIGO 2021/2024", "220000000"),
                            ("severe (KDIGO 2012)", "221000000"), ("12 months", "221100000"),
                            ("both by month 12", "221120000"),
                            ("the two that the abstract calls independent", "221122000"),
                            ("from month 12 (landmark)", "221122002")):  # fmt: skip
            reader.page.get_by_role("radio", name=label, exact=True).check()
            reader.agrees_with(results, code)
        assert reader.curve("dtt") != before
        assert len(reader.model()) == 2
        assert "months after the landmark" in reader.page.locator("[data-curves] svg").text_content()
        assert reader.opened.complaints == []

    def test_by_keyboard_every_decision_moves_everything(self, read, results):
        reader = read()
        page = reader.page
        for decision, code in (("deadline", "000010000"), ("complete_upcr", "010010000"),
                               ("flare_window", "010110000"), ("response_rule", "210110000")):  # fmt: skip
            page.locator(f"input[name={decision}]:checked").focus()
            page.keyboard.press("ArrowDown")
            reader.agrees_with(results, code)
            assert page.evaluate("document.activeElement.name") == decision
        assert page.locator("[data-announce]").inner_text().startswith("Universe 210110000. Difficult to treat")

    def test_numbers_of_many_universes_are_printed_as_the_tables_print_them(self, read, results):
        reader = read()
        for code in results.universes["code"].sample(25, random_state=1):
            reader.page.evaluate("code => { location.hash = `u=${code}`; }", code)
            reader.agrees_with(results, code)

    def test_what_cannot_be_estimated_or_drawn_is_said(self, read, results):
        definition = results.grid.list_definitions()[5]
        reader = read(definition + "0000")
        reader.agrees_with(results, definition + "0000")
        assert reader.numbers()["any_apl"] == "not estimable"
        assert reader.model()[0][2] == "separated"
        assert reader.page.locator('.card[data-quantity="any_apl"] .change').inner_text() == ""
        alone = read(results.grid.list_definitions()[3] + "0000")
        assert alone.page.locator("[data-curve]").count() == 1
        assert "Difficult to treat: no curve." in alone.curves_in_words()

    def test_a_link_reopens_the_state_and_the_way_back_leads_back(self, read, results):
        reader = read("000120000")
        reader.agrees_with(results, "000120000")
        assert reader.page.locator("input[name=deadline]:checked").get_attribute("id") == "deadline-2"
        link = reader.page.locator("[data-copied=link]").inner_text()
        assert link.endswith("index.html#u=000120000")
        reader.page.get_by_label("both by month 6").check()
        reader.agrees_with(results, "000110000")
        reader.page.go_back()
        reader.agrees_with(results, "000120000")
        reader.page.go_back()
        reader.agrees_with(results, DEFAULT)
        reader.page.go_forward()
        reader.agrees_with(results, "000120000")
        reader.page.get_by_role("button", name="Back to the default").press("Enter")
        reader.agrees_with(results, DEFAULT)
        assert reader.page.evaluate("document.activeElement.dataset.reset") == ""  # the keyboard stays where it was

    def test_a_place_on_the_page_is_no_universe(self, read, results):
        reader = read("000120000")
        reader.page.get_by_role("link", name="Conclusions", exact=True).click()
        reader.agrees_with(results, "000120000")

    def test_what_the_constraints_forbid_cannot_be_chosen_and_it_is_said_why(self, read, results):
        reader = read("010000000")
        rule = reader.page.get_by_role("radio", name="ACR 2006")
        assert rule.is_disabled()
        why = reader.page.locator("#why-response_rule")
        assert why.is_visible()
        assert "ACR 2006" in why.inner_text()
        assert results.grid.constraints[0].why in why.inner_text()
        before = reader.code()
        reader.page.get_by_label("the rule's own limit").check()
        reader.leaves(before)
        assert rule.is_enabled()
        assert why.is_hidden()

    @pytest.mark.parametrize(("code", "said"), [
        ("00", "which is none of this grid: a code has 9 signs"),
        ("900000000", "which is none of this grid"), ("%E0%A4%A", "which is none of this grid"),
        ("310000000", "which the constraints forbid: 0.7 g/g is the limit of 2019 already"),
    ])
    def test_a_code_that_is_unknown_or_forbidden_is_refused_in_words(self, read, results, code, said):
        reader = read(code)
        complaint = reader.page.get_by_role("alert")
        assert said in complaint.inner_text()
        assert complaint.inner_text().endswith("Shown is the default.")
        reader.agrees_with(results, DEFAULT)
        reader.page.get_by_label("both by month 6").check()
        reader.agrees_with(results, "000010000")
        assert complaint.is_hidden()
        assert reader.opened.complaints == []

    @pytest.mark.parametrize("name", QUANTITIES)
    def test_the_extremes_of_each_quantity_are_one_button_away(self, read, results, name):
        reader = read("000120001")
        for words, pick in (("lowest", "idxmin"), ("highest", "idxmax")):
            before = reader.code()
            reader.page.locator(f'.card[data-quantity="{name}"] [data-extreme={words}]').click()
            reader.leaves(before)
            extreme = results.universes.loc[getattr(results.universes[name], pick)()]
            assert reader.numbers()[name] == read_universe(results, extreme["code"])[name]
        others = {"hazard": slice(5, 7), "any_apl": slice(7, 9), "active_sediment": slice(7, 9), "share": slice(5, 9)}
        assert reader.code()[others[name]] == "000120001"[others[name]]

    def test_who_moved_is_counted_and_named(self, read, results):
        code = "000020000"
        reader = read(code)
        before, after = (results.answers["answers"].iloc[list(results.grid.list_definitions()).index(one[:5])]
                         for one in (DEFAULT, code))  # fmt: skip
        moved = [patient for patient, one, other in
                 zip(results.patients["patient_id"], before, after, strict=True) if one != other]  # fmt: skip
        said = reader.page.locator("[data-moved]").inner_text()
        assert said.startswith(f"{len(moved)} patients of {ON_FILE} on file have another label")
        reader.page.locator("[data-moves] summary").first.click()
        assert reader.page.locator("[data-moves] .ids").first.inner_text().split(", ") == moved

    def test_along_a_curve_by_keyboard(self, read, results):
        reader = read()
        curve = reader.page.locator("[data-curve-of=hazard]")
        slider = curve.get_by_role("slider")
        ordered = results.universes.loc[results.universes["code"].str[5:7].eq("00")].sort_values(["hazard", "code"])
        slider.focus()
        slider.press("Home")
        assert slider.get_attribute("aria-valuenow") == "1"
        slider.press("ArrowRight")
        second = ordered.iloc[1]
        words = slider.get_attribute("aria-valuetext")
        assert words.startswith(print_estimate(second["hazard"], second["hazard_low"], second["hazard_high"]))
        assert f", 2 of {len(ordered)}. Response rule: " in words
        assert reader.code() == DEFAULT
        slider.press("PageUp")
        slider.press("ArrowLeft")
        at = 1 + math.floor(len(ordered) / 20 + 0.5)  # a page is a twentieth of the curve
        assert slider.get_attribute("aria-valuenow") == str(at)
        slider.press("Enter")
        reader.agrees_with(results, ordered.iloc[at - 1]["code"])
        assert "the universe shown" in curve.locator(".curve-readout").inner_text()
        slider.press("End")
        assert slider.get_attribute("aria-valuetext").startswith("not estimable, no estimate")
        slider.press("Escape")
        assert slider.get_attribute("aria-valuenow") == str(at)

    def test_along_a_curve_by_mouse(self, read, results):
        reader = read("000000001")
        curve = reader.page.locator("[data-curve-of=share]")
        curve.scroll_into_view_if_needed()
        picture = curve.locator(".curve-picture svg").bounding_box()
        reader.page.mouse.move(picture["x"] + picture["width"] - 9, picture["y"] + 40)
        size = len(results.definitions)
        assert f" · {size} of {size} · " in curve.locator(".curve-readout").inner_text()
        assert reader.code() == "000000001"
        reader.page.mouse.down()
        reader.page.mouse.up()
        reader.leaves("000000001")
        highest = results.definitions.loc[results.definitions["share"].idxmax()]
        assert reader.numbers()["share"].startswith(format_percent(highest["share"]))
        assert reader.code()[5:] == "0001"
        reader.page.mouse.move(0, 0)
        assert "the universe shown" in curve.locator(".curve-readout").inner_text()

    def test_a_tap_on_the_strip_shows_that_universe(self, read):
        reader = read(width=390, has_touch=True)
        curve = reader.page.locator("[data-curve-of=any_apl]")
        curve.scroll_into_view_if_needed()
        before = reader.code()
        curve.locator(".curve-strip svg").tap(position={"x": 60, "y": 30})
        reader.leaves(before)
        assert "the universe shown" in curve.locator(".curve-readout").inner_text()

    def test_a_link_in_the_tables_shows_its_universe(self, read, results):
        reader = read()
        link = reader.page.locator("#conclusions").locator("xpath=../..").locator("a[href^='#u=']").first
        code = link.inner_text()
        link.click()
        reader.agrees_with(results, code)

    @pytest.mark.usefixtures("no_figures")
    @pytest.mark.parametrize("name", ["elements", "explorer", "length"])
    def test_a_decision_may_bear_any_name(self, open_page, tmp_path, name):
        content = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
        own = {name: content["definition"]["deadline"], "flare_rule": content["definition"]["flare_rule"]}
        grid = parse_grid({"definition": own}, name="ours")
        opened = open_page(write_multiverse(make_multiverse(grid), tmp_path / "page"))
        opened.page.locator(f"#{name}-1").check()
        opened.page.locator("[data-code]", has_text=f"1{'0' * (len(grid.decisions) - 1)}").wait_for()
        assert opened.complaints == []

    def test_link_and_commands_are_copied(self, read, results):
        reader = read("000120000", permissions=["clipboard-read", "clipboard-write"])
        for name, expected in (("universe", "python -m helpers universe 000120000 --grid GRID.yml"),
                               ("run", results.grid.command_of("000120000"))):  # fmt: skip
            reader.page.locator(f"[data-copy={name}]").press("Enter")
            reader.page.locator(f"[data-copy={name}]", has_text="Copied").wait_for()
            assert reader.page.evaluate("navigator.clipboard.readText()") == expected

    def test_without_a_clipboard_the_text_is_marked(self, read):
        reader = read()
        reader.page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
        reader.page.evaluate("document.execCommand = () => false")
        reader.page.locator("[data-copy=universe]").click()
        reader.page.locator("[data-copy=universe]", has_text="Marked: copy it").wait_for()
        marked = reader.page.evaluate("getSelection().toString()")
        assert marked == "python -m helpers universe 000000000 --grid GRID.yml"

    def test_no_request_leaves_the_page_and_nothing_complains(self, read, page):
        reader = read()
        reader.page.mouse.wheel(0, 100_000)
        reader.page.wait_for_timeout(200)
        assert [url for url in reader.opened.requests if not url.startswith("data:")] == [page.as_uri()]
        assert reader.opened.complaints == []

    @pytest.mark.parametrize("width", [1400, 390])
    def test_axe_finds_nothing(self, read, width):
        reader = read("010020000", width=width)
        reader.page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
        found = find_violations(reader.page, impacts=("minor", "moderate", "serious", "critical"))
        assert found == []

    @pytest.mark.parametrize("width", [1400, 1000, 768, 390, 320])
    def test_nothing_sticks_out_of_the_page(self, read, width):
        reader = read("221122002", width=width)
        reader.page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
        assert reader.page.evaluate("document.documentElement.scrollWidth") <= width

    def test_a_window_that_is_made_smaller_is_drawn_anew(self, read):
        reader = read()
        drawn = "document.querySelector('[data-curve-of=share] .curve-strip svg').getAttribute('viewBox')"
        before = reader.page.evaluate(drawn)
        reader.page.set_viewport_size({"width": 390, "height": 800})
        reader.page.wait_for_function(f"before => {drawn} !== before", arg=before)
        assert reader.page.locator(".ticker").is_visible()

    def test_without_scripts_the_tables_stand_and_it_is_said_what_is_missing(self, read):
        page = read(java_script_enabled=False).page
        missing = page.locator("noscript p")
        assert ["scripts are switched off" in text for text in missing.all_inner_texts()] == [True, True]
        assert missing.first.is_visible()
        assert page.locator("#explorer").is_hidden()
        assert page.locator("figure.specification").first.is_hidden()
        for name in ("conclusions", "decisive", "patients", "grid", "limits"):
            assert page.locator(f"h2#{name}").is_visible()
        assert page.locator("table.held tbody tr").count() == 9

    def test_it_prints_the_state_without_the_controls(self, read):
        reader = read("000120000")
        printed = reader.page.pdf(prefer_css_page_size=True)
        assert printed.startswith(b"%PDF")
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) <= 12
        reader.page.emulate_media(media="print")
        assert reader.page.locator("#explorer").is_hidden()
        assert reader.page.locator("[data-extreme]").first.is_hidden()
        assert reader.page.locator("[data-differs]").inner_text().split("\n") == [
            "Flare within: 12 months", "Judged: both by month 12"]

    def test_who_wants_no_motion_gets_none(self, read):
        reader = read(reduced_motion="reduce")
        assert reader.page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"

    def test_the_keyboard_reaches_the_answer_by_the_skip_link(self, read):
        page = read().page
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "content"


def test_the_given_numbers_are_those_of_the_first_universe(results):
    first = results.universes.iloc[0]
    assert first["code"] == DEFAULT
    assert (first["any_apl"], first["any_apl_low"], first["any_apl_high"]) == PRINTED["any_apl"]
    assert (first["hazard"], first["hazard_low"], first["hazard_high"]) == HAZARD
    assert make_grid().list_definitions()[0] + make_grid().list_analyses()[0] == DEFAULT
