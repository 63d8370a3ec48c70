"""Runs the whole program on one machine: sandbox, web, worker and scheduler, for `make run`.

Starts processes and knows none of the apps; production runs the same programs under systemd (README).
"""
