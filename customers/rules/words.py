"""The rule and its campaigns in plain language: whole sentences, so that each can be translated.

Pure of the database: the names of stores are handed in.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.formats import time_format
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from customers.rules.models import TERMS, Campaign, PaymentMethod, RuleVersion, Terms
from smartbis_admin.ui.formats import day, money, number, points, rate

#: What a hundred reais are worth says more than a rate.
EXAMPLE = Decimal(100)
WEEKDAYS: tuple[str | Promise, ...] = (
    gettext_lazy("segunda-feira"),
    gettext_lazy("terça-feira"),
    gettext_lazy("quarta-feira"),
    gettext_lazy("quinta-feira"),
    gettext_lazy("sexta-feira"),
    gettext_lazy("sábado"),
    gettext_lazy("domingo"),
)
REFUSALS: dict[str, str | Promise] = {
    "past": gettext_lazy("Escolha um momento que ainda não passou: o que já valeu não se altera."),
    "same_moment": gettext_lazy("Já existe uma versão que começa neste momento."),
    "in_force": gettext_lazy("Esta versão já vale ou já foi cancelada. Salve uma nova para mudar a regra."),
    "begun": gettext_lazy("A campanha já começou ou foi encerrada: ela não pode mais ser alterada."),
    "over": gettext_lazy("A campanha já terminou."),
}
#: Why a sale earns nothing (`estimating.ineligibility`).
INELIGIBLE: dict[str, str | Promise] = {
    "store_excluded": gettext_lazy("Vendas desta loja não acumulam."),
    "method_excluded": gettext_lazy("Vendas com esta forma de pagamento não acumulam."),
    "below_minimum": gettext_lazy("O valor está abaixo do mínimo para acumular."),
    "outside_period": gettext_lazy("A venda está fora do período da regra."),
}

Names = Mapping[int, str]


def sentences(terms: Terms, stores: Names) -> list[str]:
    """What a rule says, one sentence for each thing it says."""
    return [*_earning(terms), *_vouchers(terms), *_exceptions(terms, stores)]


def _earning(terms: Terms) -> list[str]:
    said = []
    if terms.cashback_percent:
        said.append(
            _("A venda devolve %(percent)s %% em cashback: %(amount)s dão %(cashback)s.")
            % {
                "percent": rate(terms.cashback_percent),
                "amount": money(EXAMPLE),
                "cashback": money(EXAMPLE * terms.cashback_percent / 100),
            }
        )
    else:
        said.append(_("A venda não dá cashback."))
    if terms.points_per_brl:
        said.append(
            ngettext(
                "Cada %(one)s vale %(rate)s ponto; %(amount)s dão %(points)s.",
                "Cada %(one)s vale %(rate)s pontos; %(amount)s dão %(points)s.",
                1 if terms.points_per_brl <= 1 else 2,
            )
            % {
                "one": money(1),
                "rate": rate(terms.points_per_brl),
                "amount": money(EXAMPLE),
                "points": points(EXAMPLE * terms.points_per_brl),
            }
        )
    else:
        said.append(_("A venda não dá pontos."))
    if terms.minimum_to_earn:
        said.append(
            _("Vendas abaixo de %(amount)s não acumulam nada.") % {"amount": money(terms.minimum_to_earn)}
        )
    else:
        said.append(_("Vendas de qualquer valor acumulam."))
    return said


def _vouchers(terms: Terms) -> list[str]:
    said = [
        _("Nenhum voucher é emitido sozinho.")
        if terms.voucher_threshold is None
        else _(
            "Quando o saldo de cashback chega a %(amount)s, a plataforma emite um voucher com o saldo inteiro."
        )
        % {"amount": money(terms.voucher_threshold)}
    ]
    if terms.voucher_validity_days is not None:
        said.append(
            ngettext(
                "O voucher vale por %(days)s dia depois da emissão, até o fim do dia.",
                "O voucher vale por %(days)s dias depois da emissão, até o fim do último dia.",
                terms.voucher_validity_days,
            )
            % {"days": number(terms.voucher_validity_days)}
        )
    if terms.voucher_minimum_purchase:
        said.append(
            _("O voucher só pode ser usado em compras a partir de %(amount)s.")
            % {"amount": money(terms.voucher_minimum_purchase)}
        )
    return said


def _exceptions(terms: Terms, stores: Names) -> list[str]:
    said = []
    if terms.excluded_stores:
        said.append(
            _("Não acumulam as vendas destas lojas: %(stores)s.")
            % {"stores": store_names(terms.excluded_stores, stores)}
        )
    if terms.excluded_methods:
        said.append(
            _("Não acumulam as vendas pagas assim: %(methods)s.")
            % {"methods": method_names(terms.excluded_methods)}
        )
    days = {
        "first": day(terms.first_day) if terms.first_day else "",
        "last": day(terms.last_day) if terms.last_day else "",
    }
    if terms.first_day and terms.last_day:
        said.append(_("Só acumulam as vendas de %(first)s a %(last)s.") % days)
    elif terms.first_day:
        said.append(_("Só acumulam as vendas a partir de %(first)s.") % days)
    elif terms.last_day:
        said.append(_("Só acumulam as vendas até %(last)s.") % days)
    return said


def store_names(keys: Iterable[int], stores: Names) -> str:
    """Stores by name; one that is not known by its number."""
    return ", ".join(stores.get(key) or _("loja %(number)s") % {"number": key} for key in keys)


def method_names(methods: Iterable[str]) -> str:
    """Payment methods in words."""
    return ", ".join(str(PaymentMethod(word).label) for word in methods)


def weekday_names(days: Iterable[int]) -> str:
    """Days of the week in words, in their order."""
    return ", ".join(str(WEEKDAYS[one]) for one in sorted(days))


def campaign_sentences(campaign: Campaign, stores: Names) -> list[str]:
    """What a campaign gives, when, and to which sales."""
    said = []
    if campaign.cashback_multiplier > 1:
        said.append(_("O cashback vale %(times)s vezes.") % {"times": rate(campaign.cashback_multiplier)})
    if campaign.points_multiplier > 1:
        said.append(_("Os pontos valem %(times)s vezes.") % {"times": rate(campaign.points_multiplier)})
    span = {"first": day(campaign.first_day), "last": day(campaign.last_day)}
    said.append(
        _("Vale no dia %(first)s.") % span
        if campaign.first_day == campaign.last_day
        else _("Vale de %(first)s a %(last)s.") % span
    )
    if campaign.weekdays:
        said.append(_("Só nestes dias: %(days)s.") % {"days": weekday_names(campaign.weekdays)})
    times = {
        "from": time_format(campaign.from_time, "H:i") if campaign.from_time else "",
        "until": time_format(campaign.until_time, "H:i") if campaign.until_time else "",
    }
    if campaign.from_time and campaign.until_time:
        said.append(_("Só das %(from)s às %(until)s.") % times)
    elif campaign.from_time:
        said.append(_("Só a partir das %(from)s.") % times)
    elif campaign.until_time:
        said.append(_("Só até as %(until)s.") % times)
    if campaign.stores:
        said.append(_("Só nestas lojas: %(stores)s.") % {"stores": store_names(campaign.stores, stores)})
    if campaign.machines:
        said.append(_("Só nestas maquininhas: %(machines)s.") % {"machines": ", ".join(campaign.machines)})
    if campaign.category:
        said.append(_("Só em vendas da categoria %(category)s.") % {"category": campaign.category})
    said.append(
        _("Multiplica-se com outras campanhas que também se multiplicam.")
        if campaign.stacks
        else _("Não se junta a outras campanhas: vale a melhor para o cliente.")
    )
    return said


def value_text(name: str, value: Any, stores: Names) -> str:
    """One value of a rule as people read it."""
    if name == "excluded_stores":
        return store_names(value, stores) or _("nenhuma")
    if name == "excluded_methods":
        return method_names(value) or _("nenhuma")
    if name in ("first_day", "last_day"):
        return day(value) if value else _("sempre")
    if name == "cashback_percent":
        return _("%(percent)s %%") % {"percent": rate(value)}
    if name == "points_per_brl":
        return rate(value)
    if name == "voucher_validity_days":
        return _("não informada") if value is None else number(value)
    if name == "voucher_threshold":
        return _("nunca") if value is None else money(value)
    return money(value) if value else _("qualquer valor")


def differences(before: Terms, after: Terms, stores: Names) -> list[str]:
    """What changed from one rule to the next, one sentence for each value."""
    labels = {name: capfirst(str(label_of(name))) for name in TERMS}
    return [
        _("%(what)s: de %(before)s para %(after)s.")
        % {
            "what": labels[name],
            "before": value_text(name, getattr(before, name), stores),
            "after": value_text(name, getattr(after, name), stores),
        }
        for name in TERMS
        if getattr(before, name) != getattr(after, name)
    ]


def label_of(name: str) -> str | Promise:
    """What a column of the rule is called."""
    field: Any = RuleVersion._meta.get_field(name)
    label: str | Promise = field.verbose_name
    return label
