"""Customers of wallet programmes: their cards, and what is changed about them at the platform."""
