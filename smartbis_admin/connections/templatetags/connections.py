"""How a programme is shown: its colour and its name, the same everywhere."""

from django import template

from smartbis_admin.connections.models import Connection

register = template.Library()


@register.inclusion_tag("connections/programme.html")
def programme(connection: Connection) -> dict[str, str]:
    """The programme of a connection as a dot of its colour and its name; the word alone says enough."""
    return {"name": connection.programme_name, "colour": connection.colour}
