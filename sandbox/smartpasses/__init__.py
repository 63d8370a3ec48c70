"""Smart Passes Loyalty API v1 as the contract smartpasses-v1.md describes it."""
