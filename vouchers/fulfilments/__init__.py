"""Rewards that customers got for points on platforms whose codes are not validated here."""
