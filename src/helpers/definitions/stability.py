"""How often a feature must be chosen again before it may be called independent."""

from __future__ import annotations

STABLE_FROM = 0.8
"""Smallest share of bootstrap samples in which the screening recipe must end with a feature.

Inclusion frequencies were proposed for this by Sauerbrei and Schumacher (Stat Med 1992;11:2093), and Heinze, Wallisch
and Dunkler (Biom J 2018;60:431) ask that they be reported; none of them fixes a limit. A half, the lowest in use, is
what a p value just below 0.05 reaches by itself and would add nothing; Meinshausen and Buehlmann (J R Stat Soc B
2010;72:417) call limits from 0.6 to 0.9 sensible. Four in five, the power that a study is usually planned for, is a
choice of ours, made before the shipped cohort was looked at.
"""
