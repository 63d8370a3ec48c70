"""What a person asked of the bridge and cannot have."""


class BridgeRefusedError(Exception):
    """What was asked for does not fit; nothing changed. `reason`: `moved_on`, `no_customer`, `no_programme`,
    `other_programme`, `final`, `being_sent`, `no_reason`, `not_offered`, `checklist`, `amount`, or a word of
    `words.REASONS` for a check nobody may overrule."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
