"""How the programs that are measured are started: as `docs/production.md` says, on a machine of this size."""

GUNICORN = [
    *("--worker-class", "gthread", "--workers", "3", "--threads", "8"),
    *("--keep-alive", "0", "--no-control-socket", "--log-level", "warning"),
]
