"""Template tags and filters of the screen kit: icons, badges, form fields, page heads, formatted values."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, Form, RadioSelect, Select
from django.template.loader import render_to_string
from django.templatetags.static import static

from smartbis_admin.ui import formats
from smartbis_admin.ui.icons import ICONS

register = template.Library()


def _unless_empty(show: Callable[..., str]) -> Callable[[Any], str]:
    """Nothing to show is a dash on every screen."""
    return lambda value: "—" if value is None or value == "" else show(value)


_SHOWN: dict[str, Callable[..., str]] = {
    "money": formats.money,
    "points": formats.points,
    "number": formats.number,
    "rate": formats.rate,
    "day": formats.day,
    "datetime_local": formats.datetime_local,
    "phone": formats.phone,
    "cpf_masked": formats.mask_cpf,
    "cpf_full": formats.format_cpf,
}
for _name, _show in _SHOWN.items():
    register.filter(_name, _unless_empty(_show))


@register.inclusion_tag("ui/age.html")
def age(value: datetime | None) -> dict[str, Any]:
    """How long ago, counting on while the page is open; the exact moment is in its title."""
    return {"value": value}


@register.filter
def ago(value: datetime) -> str:
    """How long ago, as text."""
    return formats.age(value)


@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> str:
    """A Tabler icon. Give `label` only when nothing beside it says the same."""
    return _drawn(name, str(label), css)


@lru_cache(maxsize=1000)
def _drawn(name: str, label: str, css: str) -> str:
    """The same as long as the process lives, and dozens of times on a page."""
    if name not in ICONS:
        raise template.TemplateSyntaxError(f"{name!r} is not among the icons of smartbis_admin/ui/icons.py")
    sprite = static("ui/vendor/icons.svg")
    return render_to_string("ui/icon.html", {"name": name, "label": label, "css": css, "sprite": sprite})


@register.inclusion_tag("ui/status_badge.html")
def status_badge(label: str, tone: str = "neutral", icon: str = "") -> dict[str, str]:
    """A status as icon and word; tones: neutral, info, success, warning, danger."""
    return {"label": label, "tone": tone, "icon": icon}


@register.inclusion_tag("ui/empty_state.html")
def empty_state(
    title: str, text: str = "", icon: str = "mood-empty", url: str = "", action: str = ""
) -> dict[str, str]:
    """What to show where nothing is, and what to do next."""
    return {"title": title, "text": text, "icon": icon, "url": url, "action": action}


@register.inclusion_tag("ui/help_tip.html")
def help_tip(text: str) -> dict[str, str]:
    """A question mark that explains a figure or a word, by mouse, touch and keyboard."""
    return {"text": text}


@register.inclusion_tag("ui/field.html")
def field(bound: BoundField, label: str = "") -> dict[str, Any]:
    """One form field: label, control, help and error, tied together for screen readers."""
    widget = bound.field.widget
    switch = isinstance(widget, CheckboxInput)
    choices = isinstance(widget, RadioSelect | CheckboxSelectMultiple)
    css = (
        "form-check-input"
        if switch or choices
        else "form-select"
        if isinstance(widget, Select)
        else "form-control"
    )
    classes = [widget.attrs.get("class", ""), css, "is-invalid" if bound.errors else ""]
    attrs: dict[str, str | bool] = {"class": " ".join(filter(None, classes))}
    return {
        "field": bound,
        "label": label or bound.label,
        "control": bound.as_widget(attrs=attrs),
        "switch": switch,
        "grouped": bound.use_fieldset,
    }


@register.inclusion_tag("ui/form_fields.html")
def form_fields(form: Form) -> dict[str, Any]:
    """A whole form: error summary, hidden fields, then every field."""
    return {"form": form}
