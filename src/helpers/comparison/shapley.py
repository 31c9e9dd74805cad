"""A change shared out among those who made it: Shapley values over the orders in which they could have come.

With several parameters changed at once, what each of them did depends on which were changed before it. The Shapley
value is its mean contribution over all orders, the one rule of sharing that is complete (the parts add up to the
whole change), treats equals alike and gives nothing to what changes nothing. Source: Shapley, A value for n-person
games, in Contributions to the Theory of Games II, Princeton 1953; for differences between analyses: Shorrocks,
J Econ Inequal 2013;11:99.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

EXACT_UP_TO = 6
"""As many changes are shared out over all orders (each of the sets of changes is evaluated once)."""

SAMPLED_ORDERS = 32
"""Above that, so many orders are drawn, half of them the reverse of the others."""

Coalition = frozenset[str]
Value = Callable[[Coalition], pd.Series]


@dataclass(frozen=True)
class Shares:
    """The parts of a change: one row per player, one column per number, and how they were found.

    A number that some set of changes leaves without a value has no parts. `orders` is 0 for all orders.
    """

    parts: pd.DataFrame
    before: pd.Series
    after: pd.Series
    orders: int = 0


def share_out(players: Sequence[str], value: Value, *, seed: int = 1, exact_up_to: int = EXACT_UP_TO,
              orders: int = SAMPLED_ORDERS) -> Shares:  # fmt: skip
    """The change from no player to all of them, shared out; `value` gives the numbers of a set of players.

    Over all orders for up to `exact_up_to` players, else over `orders` drawn with `seed`; the parts add up to the
    whole change either way, as they do in each single order.

    >>> worth = lambda who: pd.Series({"n": 3.0 * ("a" in who) + 1.0 * ("b" in who) + 2.0 * (len(who) == 2)})
    >>> share_out(["a", "b"], worth).parts["n"].to_dict()
    {'a': 4.0, 'b': 2.0}
    """
    known: dict[Coalition, pd.Series] = {}

    def look(who: Coalition) -> pd.Series:
        if who not in known:
            known[who] = value(who).astype(float)
        return known[who]

    before, after = look(frozenset()), look(frozenset(players))
    exact = len(players) <= exact_up_to
    parts = _exactly(players, look) if exact else _by_orders(players, look, _draw_orders(players, orders, seed=seed))
    table = pd.DataFrame(parts, index=before.index, columns=list(players)).T
    table.loc[:, table.isna().any()] = np.nan
    return Shares(table, before, after, 0 if exact else orders)


def _exactly(players: Sequence[str], look: Value) -> NDArray[np.float64]:
    """Numbers by players: each contribution to a set of the others, by the share of orders in which it stands there."""
    size, columns = len(players), []
    for player in players:
        others = [other for other in players if other != player]
        columns.append(np.sum([
            factorial(count) * factorial(size - count - 1) / factorial(size)
            * (look(frozenset(come) | {player}) - look(frozenset(come))).to_numpy()
            for count in range(size) for come in combinations(others, count)
        ], axis=0))  # fmt: skip
    return np.column_stack(columns)


def _by_orders(players: Sequence[str], look: Value, orders: Sequence[Sequence[int]]) -> NDArray[np.float64]:
    """Numbers by players: the mean contribution over the orders given."""
    total = np.zeros((len(look(frozenset())), len(players)))
    for order in orders:
        come: Coalition = frozenset()
        for place in order:
            joined = come | {players[place]}
            total[:, place] += (look(joined) - look(come)).to_numpy()
            come = joined
    return total / len(orders)


def _draw_orders(players: Sequence[str], orders: int, *, seed: int) -> list[Sequence[int]]:
    generator = np.random.default_rng(seed)
    drawn = [generator.permutation(len(players)).tolist() for _ in range((orders + 1) // 2)]
    return [order for one in drawn for order in (one, one[::-1])][:orders]


def list_smallest(players: Sequence[str], does: Callable[[Coalition], bool]) -> Iterator[Coalition]:
    """The smallest sets of players that do it: those of the least size at which any does.

    >>> [sorted(who) for who in list_smallest(["a", "b", "c"], lambda who: len(who) > 1 and "a" in who)]
    [['a', 'b'], ['a', 'c']]
    """
    for size in range(len(players) + 1):
        found = [frozenset(who) for who in combinations(players, size) if does(frozenset(who))]
        if found:
            yield from found
            return
