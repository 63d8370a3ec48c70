"""Offers of wallet programmes: their list, and what is changed about them at the platform."""
