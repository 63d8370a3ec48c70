"""The drift centre: what changed at a platform without a write of ours, seen, repaired or acknowledged.

* `rules` what a domain registers · `recording` writes the rows during a run · `services` what people do
* `digest` the daily mail · `tables filters views` the screens
"""
