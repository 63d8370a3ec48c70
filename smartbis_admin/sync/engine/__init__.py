"""The mirror engine: claims a run, walks a list, stores what changed, concludes what is gone.

Knows no domain and no vendor: domains register a `MirrorSpec`, a provider's client yields pages.

* `specs` what a domain registers · `preparing` makes records ready · `store` and `writing` put rows in
  their tables · `seen` which a walk saw
* `runs` the life of a run's row · `position` where it stands · `walking` the loop · `ahead` the next page
* `withdrawal` the end
"""

from smartbis_admin.sync.engine.runs import request_run
from smartbis_admin.sync.engine.specs import (
    Follow,
    MirrorSpec,
    Move,
    register,
    resource_of,
    resources,
    spec_of,
    status_word,
)
from smartbis_admin.sync.engine.store import keep_known, keep_records, store_records
from smartbis_admin.sync.engine.walking import execute

__all__ = [
    "Follow",
    "MirrorSpec",
    "Move",
    "execute",
    "keep_known",
    "keep_records",
    "register",
    "request_run",
    "resource_of",
    "resources",
    "spec_of",
    "status_word",
    "store_records",
]
