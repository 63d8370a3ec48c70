"""Smartbis API v2 as the sandbox speaks it: data, loyalty engine, three wire profiles, demo data."""
