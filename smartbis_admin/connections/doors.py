"""The addresses under which a vendor knocks at ours: one unguessable word per connection, kept nowhere.

Knows connections only; what is said at a door is read by whoever owns it.
"""

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from smartbis_admin.connections.models import Connection

_SALT = "smartbis_admin.connections.doors"


def door_token(connection: Connection) -> str:
    """The word in the address that is entered at the vendor: 40 hexadecimal digits."""
    return salted_hmac(_SALT, str(connection.pk)).hexdigest()[:40]


def door_address(connection: Connection) -> str:
    """The whole public address to enter at the vendor (`PUBLIC_URL`); empty for a platform that never knocks."""
    name = connection.spec.door
    return f"{settings.PUBLIC_URL}{reverse(name, args=[door_token(connection)])}" if name else ""


def connection_at_door(provider: str, token: str) -> Connection | None:
    """The active connection whose door this is; None for a word that is nobody's."""
    found = None
    # Every one is compared, so that the time tells nothing; a company has few of them.
    for connection in Connection.objects.filter(provider=provider, is_active=True):
        if constant_time_compare(door_token(connection), token):
            found = connection
    return found
