"""One act on many rows of a list: picked, previewed, done by a job with progress, taken back where that is true.

`actions` is what a room writes, `jobs` does the work, `views` shows it. Knows no domain. An act here changes
rows of our own database: it shares a transaction with its progress. What a platform has to be asked for
goes through the ledger of writes instead.
"""

from smartbis_admin.ui.bulk.actions import AnswerAction, BulkAction, ListAction, register

__all__ = ["AnswerAction", "BulkAction", "ListAction", "register"]
