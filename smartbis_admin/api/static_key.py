"""Authorisation by one key that never changes: sent as it is, and final when it is not accepted."""

from smartbis_admin.api.errors import NotAllowed


class StaticKey:
    """The value of the `Authorization` header; see `transport.Auth`."""

    def __init__(self, value: str) -> None:
        self._value = value

    def __repr__(self) -> str:
        return "StaticKey(…)"

    def header(self, rejected: str | None) -> tuple[str, str]:
        """The header to send. There is no other key: a rejected one is `NotAllowed`."""
        if rejected is not None:
            raise NotAllowed("the key is not accepted", reason="credentials")
        return "Authorization", self._value
