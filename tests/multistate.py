"""Data sets that lifelines ships, read as patients who move between states: for the comparison with R.

Run as a program with a folder, this file writes them as tests/golden/transitions.R reads them.
"""


import lifelines.datasets as shipped
import numpy as np
import pandas as pd
from golden_values import export_datasets

STATES_OF = {
    "recur": ("well", "ill"), "stanford": ("waiting", "transplanted", "dead"),
    "lymph_node": ("free", "relapsed", "dead"), "recur_later": ("well", "ill"),
}  # fmt: skip


def load_recur() -> pd.DataFrame:
    """Recurrent events as two states: each event moves the patient from well to ill, or back. Many ties."""
    data = shipped.load_recur().sort_values(["ID", "TIME0"], ignore_index=True)
    well = data.groupby("ID").cumcount().mod(2).eq(0)
    to = np.select([data.CENSOR.eq(0), well], ["censored", "ill"], "well")
    return pd.DataFrame({"patient_id": data.ID, "start": data.TIME0, "stop": data.TIME1,
                         "state": np.where(well, "well", "ill"), "to": to})  # fmt: skip


def load_recur_later() -> pd.DataFrame:
    """The same from month 20 on, so that patients start in both states."""
    data = load_recur().query("stop > 20").reset_index(drop=True)
    return data.assign(start=(data.start - 20).clip(lower=0), stop=data.stop - 20)


def load_stanford() -> pd.DataFrame:
    data = shipped.load_stanford_heart_transplants().sort_values(["id", "start"], ignore_index=True)
    goes_on = data.groupby("id").transplant.shift(-1).eq(1)
    return pd.DataFrame({
        "patient_id": data.id, "start": data.start, "stop": data.stop,
        "state": np.where(data.transplant.eq(1), "transplanted", "waiting"),
        "to": np.select([data.event.eq(1), goes_on], ["dead", "transplanted"], "censored"),
    })  # fmt: skip


def load_lymph_node() -> pd.DataFrame:
    """Relapse and death in whole months; a relapse in the month of death or of the end of follow-up is not counted."""
    data = shipped.load_lymph_node().reset_index(drop=True)
    end, relapse = np.ceil(data.survtime / 30), np.ceil(data.rectime / 30)
    relapses = data.censrec.eq(1) & relapse.lt(end)
    last = np.where(data.censdead.eq(1), "dead", "censored")
    first = pd.DataFrame({"patient_id": data.index, "start": 0.0, "stop": np.where(relapses, relapse, end),
                          "state": "free", "to": np.where(relapses, "relapsed", last)})  # fmt: skip
    second = pd.DataFrame({"patient_id": data.index, "start": relapse, "stop": end, "state": "relapsed", "to": last})
    return pd.concat([first, second[relapses]]).sort_values(["patient_id", "start"], ignore_index=True)


LOADERS = {
    "recur": load_recur, "stanford": load_stanford, "lymph_node": load_lymph_node, "recur_later": load_recur_later,
}  # fmt: skip


def as_spells(data: pd.DataFrame, *, group: str = "other") -> pd.DataFrame:
    """Stretches of time as the study's spells: a state entered at the very end has a row without time."""
    spells = data.rename(columns={"start": "month", "stop": "until_month"}).assign(group=group)
    last = spells.drop_duplicates("patient_id", keep="last").query("to != 'censored'")
    ended = last.assign(month=last.until_month, state=last.to)
    rows = pd.concat([spells, ended]).sort_values(["patient_id", "month", "until_month"], ignore_index=True)
    return rows.drop(columns="to").astype({"month": float, "until_month": float})


if __name__ == "__main__":
    export_datasets(LOADERS)
