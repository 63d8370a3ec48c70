"""The SmartPOS bridge as the contract smartpos.md describes it."""
