"""Smile.io REST v1 as the contract smile-v1.md describes it, in both editions."""
