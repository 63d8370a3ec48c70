"""A JSON field encrypted at rest, with key rotation: the newest key of `FIELD_KEYS` writes, all of them read."""

import json
from functools import cache, lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models


@cache
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


@lru_cache(maxsize=64)
def _opened(keys: tuple[str, ...], text: bytes) -> bytes:
    """What a stored text says. Kept, because each scan of a till reads its connection; the keys lie in memory too."""
    return _box(keys).decrypt(text)


class EncryptedJSONField(models.BinaryField):
    """Holds a JSON value as Fernet text. Cannot be searched or shown; an empty value is stored as None.

    Raises `ImproperlyConfigured` on reading when no key of `FIELD_KEYS` opens the value.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("editable", False)
        kwargs.setdefault("null", True)
        super().__init__(*args, **kwargs)

    def get_prep_value(self, value: Any) -> bytes | None:
        if not value:
            return None
        return _box(tuple(settings.FIELD_KEYS)).encrypt(json.dumps(value).encode())

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        if value is None:
            return {}
        try:
            return json.loads(_opened(tuple(settings.FIELD_KEYS), bytes(value)))
        except InvalidToken:
            raise ImproperlyConfigured("FIELD_KEYS: no key opens a stored credential") from None

    def value_to_string(self, obj: models.Model) -> str:
        return ""
