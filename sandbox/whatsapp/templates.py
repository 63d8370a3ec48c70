"""Templates: whether a call fits one, and what the person then reads. Knows the registry, no HTTP.

Source: Meta's published reference of template messages and their error codes. Only what a shop uses is known: a
body with numbered parameters and one button whose address ends with a parameter.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.bodies import Number
from sandbox.whatsapp.models import APPROVED, DISABLED, PAUSED, Template
from sandbox.whatsapp.refusals import GraphError

LONGEST_BODY = 1024
_PLACE = re.compile(r"\{\{(\d+)\}\}", re.ASCII)
_UNFIT = re.compile(r"[\n\t]| {5}")


def count(text: str) -> int:
    """How many parameters a text takes."""
    return len(set(_PLACE.findall(text)))


def find(name: str, language: str) -> Template:
    """The template that may be sent."""
    found = Template.objects.filter(name=name, language=language).first()
    if found is None or found.status not in (APPROVED, PAUSED, DISABLED):
        raise GraphError(132001, f"template name ({name}) does not exist in {language}", status=404)
    if found.status != APPROVED:
        raise GraphError(132015 if found.status == PAUSED else 132016)
    return found


def filled(template: Template, components: Sequence[Any]) -> str:
    """The body with its parameters; refuses components that do not fit the template."""
    given: dict[str, list[str]] = {"body": [], "button": []}
    for component in components:
        kind = str(component.get("type", "")).lower() if isinstance(component, dict) else ""
        if kind not in given:
            raise GraphError(132012, f"component type {kind or 'missing'} is not part of the template")
        if kind == "button":
            _check_button(component)
        given[kind] += _texts(component.get("parameters", []))
    for kind, expected in (("body", count(template.body)), ("button", count(template.button_url))):
        if len(given[kind]) != expected:
            raise GraphError(
                132000,
                f"{kind}: number of localizable_params ({len(given[kind])}) does not match the expected number"
                f" of params ({expected})",
            )
    text = _PLACE.sub(lambda match: given["body"][int(match[1]) - 1], template.body)
    if len(text) > LONGEST_BODY:
        raise GraphError(132005, f"body: the text is longer than {LONGEST_BODY} characters")
    return text


def _check_button(component: Mapping[str, Any]) -> None:
    index = component.get("index")
    place = index.text if isinstance(index, Number) else index
    if str(component.get("sub_type", "")).lower() != "url" or place != "0":
        raise GraphError(132012, "buttons: the template has one button of type url at index 0")


def _texts(parameters: Any) -> list[str]:
    if not isinstance(parameters, list):
        raise GraphError(100, "parameters must be an array")
    return [_text(parameter) for parameter in parameters]


def _text(parameter: Any) -> str:
    if not isinstance(parameter, dict) or parameter.get("type") != "text":
        raise GraphError(132012, "only parameters of type text fit the template")
    text = parameter.get("text")
    if not isinstance(text, str) or not text:
        raise GraphError(100, "Parameter 'text' is mandatory for component parameter type 'text'")
    if _UNFIT.search(text):
        raise GraphError(
            100, "Param text cannot have new-line/tab characters or more than 4 consecutive spaces"
        )
    return text
