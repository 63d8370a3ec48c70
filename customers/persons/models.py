"""What a person decided about two customers of different programmes who share an e-mail."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from customers.models import Customer


class SamePerson(models.Model):
    """Whether two customers are one person; the lower key comes first. A row taken back is deleted."""

    first = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    is_same = models.BooleanField(_("é a mesma pessoa"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("quem"), on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(_("quando"), auto_now=True)

    class Meta:
        verbose_name = _("mesma pessoa")
        verbose_name_plural = _("mesmas pessoas")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="same_person_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="same_person_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id}:{self.second_id}"
