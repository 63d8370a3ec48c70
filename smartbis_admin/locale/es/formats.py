"""How Django itself writes numbers in Spanish: with Mexico's separators, not Spain's.

What our own screens show is in `ui/formats.py`; this serves the administration, fields and CSV files.
"""

DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
