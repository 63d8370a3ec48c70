"""The schedule and one's own mail, as people fill them in."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from smartbis_admin.sync.engine import resources
from smartbis_admin.sync.newest import GROWING
from smartbis_admin.sync.schedules import Plan
from smartbis_admin.sync.services import lists_in_use, resource_label

HOURS = (1, 2, 4, 6, 12)
MINUTES = (2, 5, 10, 15, 30, 60)


class TimeInput(forms.TimeInput):
    """The browser's own clock."""

    input_type = "time"


def _choices(steps: tuple[int, ...], one: Any, never: Any, now: int) -> list[tuple[int, Any]]:
    """The steps offered, and the present one where somebody chose another elsewhere."""
    return [(0, never), *((step, one % {"n": step}) for step in sorted({*steps, now} - {0}))]


class ScheduleForm(forms.Form):
    """When each list is read by itself."""

    night_on = forms.BooleanField(label=_("Ler tudo uma vez por noite"), required=False)
    night_at = forms.TimeField(
        label=_("Horário da leitura noturna"),
        widget=TimeInput(format="%H:%M"),
        input_formats=["%H:%M", "%H:%M:%S"],
    )

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._before = plan
        self.fields["night_on"].initial, self.fields["night_at"].initial = plan.night_on, plan.night_at
        every_hours = ngettext_lazy("A cada hora", "A cada %(n)s horas", "n")
        every_minutes = ngettext_lazy("A cada minuto", "A cada %(n)s minutos", "n")
        for name in lists_in_use():
            label = capfirst(str(resource_label(name)))
            hours = plan.full.get(name, 0)
            self.fields[f"full_{name}"] = forms.TypedChoiceField(
                label=_("%(list)s: leitura completa durante o dia") % {"list": label},
                coerce=int,
                initial=hours,
                choices=_choices(HOURS, every_hours, _("Só à noite"), hours),
            )
            if name in GROWING:
                minutes = plan.newest.get(name, 0)
                self.fields[f"newest_{name}"] = forms.TypedChoiceField(
                    label=_("%(list)s: novidades") % {"list": label},
                    coerce=int,
                    initial=minutes,
                    choices=_choices(MINUTES, every_minutes, _("Não ler"), minutes),
                    help_text=_("Traz só o que é novo ou mudou e não conclui nada sobre o resto da lista."),
                )

    def plan(self) -> Plan:
        """What was chosen."""
        data = self.cleaned_data
        return Plan(
            night_at=data["night_at"],
            night_on=data["night_on"],
            full={str(name): data.get(f"full_{name}", self._before.full[name]) for name in resources()},
            newest={str(name): data.get(f"newest_{name}", self._before.newest[name]) for name in GROWING},
        )


class MailForm(forms.Form):
    """Which mails of the mirror one wants."""

    outages = forms.BooleanField(
        label=_("Avisar quando a sincronização parar de funcionar e quando voltar"), required=False
    )
    digest = forms.BooleanField(label=_("Resumo diário das divergências"), required=False)
