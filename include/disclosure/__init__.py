"""Disclosure control: what leaves the task force tells nothing exact about a few persons.

A count from 1 to THRESHOLD - 1 is suppressed (primary); so is each further count without which an attacker could
narrow one (complementary); all others are rounded to ROUNDING. Zero stays zero: that a desa has no case is no
secret of a person, and a reader must not take it for a hidden one. Law gives no number for Indonesia; offices
elsewhere use thresholds of 3 to 10 (Hundepool et al. 2012, Statistical Disclosure Control, Wiley, ch. 4 and 5).
"""

THRESHOLD = 5
ROUNDING = 5
# A share is published when its published denominator is at least this.
LEAST_DENOMINATOR = 4 * THRESHOLD
