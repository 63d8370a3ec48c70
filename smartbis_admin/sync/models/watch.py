"""How the mirror is watched and steered: pauses, readings of the newest rows, outages and who is told.

Schedules themselves are rows of django-celery-beat. Knows no domain.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q

from smartbis_admin.connections.models import Connection
from smartbis_admin.sync.models.runs import SyncRun


class Pause(models.Model):
    """Nothing is read by itself from a list (or, with `resource` empty, a connection) while this row is there."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="pauses")
    resource = models.CharField(max_length=30, blank=True)
    paused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    paused_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "resource"], name="one_pause")]

    def __str__(self) -> str:
        return f"{self.connection_id} {self.resource}"


class NewestReading(models.Model):
    """The latest reading of what is new in a list. It is no listing: no age, nothing missing, no run."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="newest_readings")
    resource = models.CharField(max_length=30)
    #: The page the list ended with.
    last_page = models.PositiveIntegerField(default=1)
    #: Where the platform tells changes: those up to this moment are here.
    known_until = models.DateTimeField(null=True)
    #: Set while a process reads; void after a minute.
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    rows_created = models.PositiveIntegerField(default=0)
    rows_changed = models.PositiveIntegerField(default=0)
    #: Class name of the `ApiError` of the latest try and its cause; empty when it went well.
    reason = models.CharField(max_length=40, blank=True)
    cause = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "resource"], name="one_newest_reading")]

    def __str__(self) -> str:
        return f"{self.connection_id} {self.resource}"


class Outage(models.Model):
    """A list that cannot be read any more, from the run that said so to the one that read it again."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="outages")
    resource = models.CharField(max_length=30)
    #: The first run that failed.
    run = models.ForeignKey(SyncRun, on_delete=models.CASCADE, related_name="+")
    opened_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True)
    #: Whether people were told by e-mail: of the failure, and of its end.
    told_open = models.BooleanField(default=False)
    told_closed = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "resource"], condition=Q(closed_at=None), name="one_open_outage"
            )
        ]

    def __str__(self) -> str:
        return f"{self.connection_id} {self.resource}"


class Digest(models.Model):
    """The summary of a day's drift; the unique day is what makes it one."""

    day = models.DateField(unique=True)
    sent_at = models.DateTimeField(auto_now_add=True)
    found = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.day)


class MailChoice(models.Model):
    """Which mails of the mirror a person wants; without a row, all of them."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sync_mail")
    outages = models.BooleanField(default=True)
    digest = models.BooleanField(default=True)

    def __str__(self) -> str:
        return str(self.user_id)
