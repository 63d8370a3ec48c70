"""Arguments of Smartbis' acts: what every vendor's have, and money, points and ends of days.

Gives stored units, as in `models`.
"""

from typing import Any

from sandbox.arguments import MISSING, Arguments
from sandbox.smartbis.engine import POINT
from sandbox.times import ZONE, day_end


class SmartbisArguments(Arguments):
    """Reads amounts into centavos and 1/10000 point, ends into the last second of their day."""

    def centavos(self, name: str, default: Any = MISSING) -> Any:
        """BRL as text or number, or null; gives centavos."""
        return self.scaled(name, default, 100)

    def points(self, name: str, default: Any = MISSING) -> Any:
        """Points as text or number, or null; gives 1/10000 point."""
        return self.scaled(name, default, POINT)

    def day_end(self, name: str, default: Any = MISSING) -> Any:
        """RFC 3339, or a day, or null; gives the last second of that local day, as everything ends there."""
        value = self.raw(name, default)
        if not isinstance(value, str):
            return self.checked(name, value, int)
        return day_end(self.datetime_of(name, value).astimezone(ZONE).date())
