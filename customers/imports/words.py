"""What is wrong with a file, a row or an import, in one sentence each with the way out."""

from collections.abc import Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from customers.imports.fields import FIELDS
from customers.imports.models import Import, ImportRow
from customers.imports.reading import MAX_BYTES, MAX_ROWS
from smartbis_admin.connections.words import explain
from smartbis_admin.ui.formats import number

FILE_PROBLEMS: dict[str, str | Promise] = {
    "empty": _("O arquivo está vazio."),
    "old_excel": _("Este é um arquivo do Excel antigo (XLS). Abra no Excel e salve como XLSX ou CSV."),
    "no_table": _("Este arquivo não é uma tabela. Envie um arquivo CSV ou XLSX."),
    "broken": _("O arquivo está danificado. Abra na planilha, salve de novo e envie outra vez."),
}
ROW_PROBLEMS: dict[str, str | Promise] = {
    "required": _("Falta preencher."),
    "invalid": _("Não deu para entender. Confira o que está escrito."),
    "out_of_range": _("Confira o ano."),
    "future": _("A data está no futuro."),
    "known": _("Este cliente já está cadastrado."),
    "not_here": _("Não está na nossa cópia: será procurado na plataforma na hora do envio."),
    "no_reward": _("Nenhuma recompensa tem este nome ou id."),
    "two_rewards": _("Mais de uma recompensa tem este nome. Use o id da plataforma."),
    "unlimited": _(
        "Hoje é ilimitado. Passar a limitado não tem volta por aqui: faça na página da recompensa."
    ),
    "same_stock": _("O estoque já é esse."),
    "nobody": _("A plataforma não conhece nenhum cliente com este CPF."),
    "min_value": _("O valor tem de ser maior que zero."),
    "max_digits": _("O valor é grande demais."),
    "max_whole_digits": _("O valor é grande demais."),
    "max_length": _("O texto é longo demais."),
}
_INVALID: dict[str, str | Promise] = {
    "cpf": _("Este CPF não existe. Confira os 11 números."),
    "phone": _("Escreva o telefone com DDD, como (11) 98888-0001."),
    "email": _("Este e-mail não existe. Confira o endereço."),
    "stock": _("Escreva um número inteiro, como 1500."),
    "amount": _("Escreva o valor como 1.234,56."),
    "birth_date": _("Escreva a data como 31/12/1990."),
    "sold_at": _("Escreva a data como 31/12/2026."),
}
REFUSALS: dict[str, str | Promise] = {
    "nothing_to_send": _("Não há linha pronta para enviar."),
    "other_state": _("A importação já está em outra etapa. Veja como ela está agora."),
    "began": _("O envio já começou: só é possível desfazer o que ainda não saiu."),
}


def explain_file(reason: str) -> str:
    """Why a file cannot be read."""
    if reason == "too_large":
        return gettext("O arquivo é grande demais: o limite é de %(size)s MB. Divida em partes.") % {
            "size": number(MAX_BYTES // 1024 // 1024)
        }
    if reason == "too_many_rows":
        return gettext("O arquivo tem linhas demais: o limite é de %(rows)s. Divida em partes.") % {
            "rows": number(MAX_ROWS)
        }
    return str(FILE_PROBLEMS[reason])


def explain_wait(batch: Import) -> str:
    """Why an import is paused, waits or could not be read; empty where nothing is the matter."""
    if not batch.reason:
        return ""
    if batch.state == Import.State.MAPPING:
        return explain_file(batch.reason)
    if batch.reason == "old_copy":
        return gettext(
            "A plataforma não respondeu agora: as linhas foram comparadas com a nossa cópia. Cada uma é conferida de "
            "novo na hora do envio."
        )
    if batch.reason == "busy":
        return gettext(
            "Algumas linhas esperam outro envio do mesmo cliente que ainda está a confirmar. Elas seguem sozinhas."
        )
    return explain(batch.reason, batch.cause)


def explain_row(row: ImportRow, kind: str) -> list[str]:
    """What is wrong with a row, or was said about it: one sentence each."""
    labels = {field.name: field.label for field in FIELDS[kind]}
    sentences = [_explain(problem, labels) for problem in row.problems]
    if row.message:
        sentences.append(gettext("A plataforma recusou: %(message)s") % {"message": row.message})
    return sentences


def _explain(problem: Sequence[Any], labels: dict[str, str | Promise]) -> str:
    name, code, *more = problem
    if code == "same_as_line":
        return gettext("Igual à linha %(line)s deste arquivo: só uma é enviada.") % {"line": more[0]}
    if code == "stock_changed":
        return gettext("Na plataforma o estoque agora é %(stock)s, outro do que esta linha esperava.") % {
            "stock": gettext("ilimitado") if more[0] is None else number(more[0])
        }
    if code == "sent_before":
        return gettext("Esta linha já foi enviada em outra importação.")
    sentence = _INVALID.get(name) if code == "invalid" else None
    return gettext("%(field)s: %(problem)s") % {
        "field": labels[name],
        "problem": sentence or ROW_PROBLEMS.get(code, ROW_PROBLEMS["invalid"]),
    }
