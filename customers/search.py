"""Finding a customer by what a person typed: CPF, phone, e-mail, or words of the name in any order.

Owns the shape of `Customer.name_search` and every way of asking for it, so that what is stored and what
is looked for cannot drift apart. Knows nothing of screens and of the wire.
"""

import re
import unicodedata
from functools import reduce
from operator import and_, or_

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.db.models.lookups import Exact

from customers.models import Customer
from smartbis_admin.api.brazil import normalise_cpf, normalise_phone

_WORDS = re.compile(r"[^\W_]+")
#: The accents of Latin letters; all others are looked up one by one.
_ACCENTS = re.compile("[\u0300-\u034e\u0350-\u036f]+")
#: Digits as people write CPFs and phones.
_NUMBER = re.compile(r"[\d\s().+/-]*\d[\d\s().+/-]*")

#: No name is longer, and no database takes a condition of any length.
_LONGEST = 200


def fold_name(text: str) -> str:
    """The words of a name, or of a search for one, without accents, capitals and punctuation.

    `José  d'Ávila` gives `jose d avila`; this is what `Customer.name_search` holds.
    """
    if not text.isascii():
        text = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
        if not text.isascii():
            text = "".join(sign for sign in text if not unicodedata.combining(sign))
    plain = text.casefold()
    if plain.replace(" ", "").isalnum():
        # Words with spaces between them, as nearly every name is: the mirror folds a million.
        return " ".join(plain.split())
    return " ".join(_WORDS.findall(plain))


def search(customers: QuerySet[Customer], text: str, *, in_name_order: bool = True) -> QuerySet[Customer]:
    """The customers that fit what was typed; all of them for a blank text.

    A number is a whole CPF or phone, a text with `@` a whole e-mail, anything else words of the name: each
    must begin a word, whatever the order. Names are read through in their index (see
    `docs/decisions/0010-names-are-read-through.md`); `in_name_order` tells that the rows are asked for in
    that index's order, which then stops at the end of the page.
    """
    text = text.strip()
    if not text:
        return customers
    if "@" in text:
        return customers.filter(Exact(Lower("email"), text.lower()))
    if _NUMBER.fullmatch(text):
        return customers.filter(_number(text))
    words = fold_name(text).split()
    if not words or len(text) > _LONGEST:
        return customers.none()
    begins = (Q(name_search__startswith=word) | Q(name_search__contains=f" {word}") for word in words)
    named = reduce(and_, begins)
    if in_name_order:
        return customers.filter(named)
    # Apart, so that another order does not make the database fetch every row to look at its name.
    return customers.filter(pk__in=Customer.objects.filter(named).order_by().values("pk"))


def _number(text: str) -> Q:
    """Eleven digits may be a CPF and a phone at once; digits that are neither fit nobody."""
    readings = {"cpf": normalise_cpf(text), "phone": normalise_phone(text)}
    fits = [Q(**{column: value}) for column, value in readings.items() if value]
    return reduce(or_, fits, Q(pk__in=[]))
