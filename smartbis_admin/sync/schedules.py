"""When lists are read by themselves: rows of django-celery-beat behind one small plan, and pauses.

Beat overwrites what its settings name at every start, so everything people may change is made here once,
after the migrations, and never touched again but by them.
"""

from dataclasses import dataclass
from datetime import time
from typing import Any

from django.apps import apps as installed_apps
from django.apps.registry import Apps
from django.conf import settings
from django.db import transaction
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import User
from smartbis_admin.staff.services import audit
from smartbis_admin.sync.engine import resources
from smartbis_admin.sync.jobs import EVERYWHERE_TASK, NEWEST_TASK, NIGHTLY_TASK
from smartbis_admin.sync.models import Pause
from smartbis_admin.sync.newest import GROWING

NIGHT = "nightly"
NIGHT_AT = time(3, 15)
NEWEST_EVERY = 5


@dataclass(frozen=True)
class Plan:
    """What is read when. `full`: list -> hours between extra full readings; `newest`: list -> minutes. 0: never."""

    night_at: time
    night_on: bool
    full: dict[str, int]
    newest: dict[str, int]


def keep_schedule(*, apps: Apps = installed_apps, using: str, **kwargs: Any) -> None:
    """Make what is missing of the first schedule; what is there, people own. `post_migrate` receiver."""
    try:
        tasks: Any = apps.get_model("django_celery_beat", "PeriodicTask").objects.using(using)
        crontabs: Any = apps.get_model("django_celery_beat", "CrontabSchedule").objects.using(using)
        intervals: Any = apps.get_model("django_celery_beat", "IntervalSchedule").objects.using(using)
    except LookupError:
        return
    if not tasks.filter(task=NIGHTLY_TASK).exists():
        crontab, _new = crontabs.get_or_create(**_clock(NIGHT_AT))
        tasks.create(name=NIGHT, task=NIGHTLY_TASK, crontab=crontab, expire_seconds=3600)
    for resource in GROWING:
        if not tasks.filter(name=_name("newest", resource)).exists():
            interval, _new = intervals.get_or_create(every=NEWEST_EVERY, period="minutes")
            tasks.create(
                name=_name("newest", resource),
                task=NEWEST_TASK,
                args=f'["{resource}"]',
                interval=interval,
                expire_seconds=NEWEST_EVERY * 60,
            )


def read_plan() -> Plan:
    """The plan as beat follows it."""
    night = PeriodicTask.objects.filter(task=NIGHTLY_TASK).select_related("crontab").order_by("pk").first()
    crontab = night.crontab if night else None
    simple = crontab is not None and crontab.hour.isdecimal() and crontab.minute.isdecimal()
    steps = {
        task.name: task.interval.every
        for task in PeriodicTask.objects.filter(enabled=True)
        .exclude(interval=None)
        .select_related("interval")
    }
    return Plan(
        night_at=time(int(crontab.hour), int(crontab.minute)) if crontab and simple else NIGHT_AT,
        night_on=bool(night and night.enabled),
        full={str(name): steps.get(_name("full", name), 0) for name in resources()},
        newest={str(name): steps.get(_name("newest", name), 0) for name in GROWING},
    )


def save_plan(plan: Plan, *, by: User) -> None:
    """Let beat follow another plan; it notices within seconds."""
    with transaction.atomic():
        crontab, _new = CrontabSchedule.objects.get_or_create(**_clock(plan.night_at))
        PeriodicTask.objects.update_or_create(
            name=NIGHT,
            defaults={
                "task": NIGHTLY_TASK,
                "crontab": crontab,
                "interval": None,
                "enabled": plan.night_on,
                "expire_seconds": 3600,
            },
        )
        for resource, hours in plan.full.items():
            _repeat(_name("full", resource), EVERYWHERE_TASK, resource, hours, IntervalSchedule.HOURS)
        for resource, minutes in plan.newest.items():
            _repeat(_name("newest", resource), NEWEST_TASK, resource, minutes, IntervalSchedule.MINUTES)
        audit(
            actor=by,
            action="sync.schedule_changed",
            night=plan.night_at.isoformat() if plan.night_on else "",
            full=plan.full,
            newest=plan.newest,
        )


def pause(*, connection: Connection, resource: str, by: User) -> None:
    """Read nothing by itself from a list (empty: from the connection) until it is resumed."""
    _pause, new = Pause.objects.get_or_create(
        connection=connection, resource=resource, defaults={"paused_by": by}
    )
    if new:
        audit(actor=by, action="sync.paused", subject=f"connection:{connection.pk}", resource=resource)


def resume(*, connection: Connection, resource: str, by: User) -> None:
    """Let it be read by itself again."""
    gone, _kinds = Pause.objects.filter(connection=connection, resource=resource).delete()
    if gone:
        audit(actor=by, action="sync.resumed", subject=f"connection:{connection.pk}", resource=resource)


def _repeat(name: str, task: str, resource: str, every: int, period: str) -> None:
    if not every:
        for row in PeriodicTask.objects.filter(name=name, enabled=True):
            row.enabled = False
            row.save()
        return
    interval, _new = IntervalSchedule.objects.get_or_create(every=every, period=period)
    seconds = every * (3600 if period == IntervalSchedule.HOURS else 60)
    PeriodicTask.objects.update_or_create(
        name=name,
        defaults={
            "task": task,
            "args": f'["{resource}"]',
            "interval": interval,
            "enabled": True,
            "expire_seconds": seconds,
        },
    )


def _name(kind: str, resource: str) -> str:
    return f"{kind}:{resource}"


def _clock(at: time) -> dict[str, str]:
    return {"hour": str(at.hour), "minute": str(at.minute), "timezone": settings.TIME_ZONE}
