"""How fast the source alone is: every page fetched, nothing decoded."""

from way import PER_PAGE, pages, report, timed

report(*timed(lambda: sum(PER_PAGE for _body in pages(len))))
