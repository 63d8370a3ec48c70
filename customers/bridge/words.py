"""Why a sale stands where it stands, what its flags mean and what feeds sent wrong: in sentences for people.

Words are those of `smartpos.md` §2 and §3. Knows neither the database nor screens.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from customers.imports.words import explain_file as unreadable_file
from smartbis_admin.connections.words import explain

Text = str | Promise

#: Reason -> as few words as a list has room for, and the sentence with the way out.
REASONS: dict[str, tuple[Text, Text]] = {
    "no_buyer_data": (
        _("Sem dados do comprador"),
        _("A maquininha não informou quem comprou. Procure o cliente e vincule, ou descarte a venda."),
    ),
    "unknown_buyer": (
        _("Comprador sem cadastro"),
        _("Nenhum cliente tem o CPF, o telefone ou o e-mail informado. Cadastre o cliente ou vincule outro."),
    ),
    "invalid_cpf": (
        _("CPF inválido"),
        _("O CPF informado na maquininha não existe. Procure o cliente e vincule."),
    ),
    "ambiguous": (
        _("Mais de um cliente"),
        _("Mais de um cliente tem o telefone ou o e-mail informado. Escolha qual deles comprou."),
    ),
    "not_identified": (
        _("Sem identificação"),
        _("Ninguém identificou o cliente: a venda não acumula. Vincule um cliente e libere, se for o caso."),
    ),
    "panel_connection": (
        _("Somente acompanhar"),
        _("O painel da Smartbis registra as vendas desta integração. Daqui nada é enviado."),
    ),
    "status_not_approved": (
        _("Não aprovada"),
        _("A maquininha não aprovou esta venda: ela não acumula."),
    ),
    "amount_not_positive": (
        _("Valor não positivo"),
        _("O valor da venda não é maior que zero: ela não acumula."),
    ),
    "duplicate": (
        _("Possível duplicidade"),
        _("Outra venda igual já chegou por outro caminho. Se são duas compras diferentes, libere esta."),
    ),
    "customer_blocked": (
        _("Cliente bloqueado"),
        _("O cliente está bloqueado na plataforma ou não é mais listado: a venda não acumula."),
    ),
    "store_excluded": (
        _("Loja fora da regra"),
        _("As vendas desta loja não acumulam pela regra do programa."),
    ),
    "method_excluded": (
        _("Forma de pagamento fora da regra"),
        _("As vendas com esta forma de pagamento não acumulam pela regra do programa."),
    ),
    "below_minimum": (
        _("Abaixo do valor mínimo"),
        _("O valor está abaixo do mínimo que acumula pela regra do programa."),
    ),
    "outside_period": (
        _("Fora do período"),
        _("A venda foi feita fora do período da regra do programa."),
    ),
    "too_old": (
        _("Venda antiga"),
        _("A venda foi feita há tempo demais para ser registrada sozinha. Se ela vale, libere."),
    ),
    "cancelled_before_registration": (
        _("Cancelada antes do registro"),
        _("A venda foi cancelada na maquininha antes de ser registrada: nada foi enviado."),
    ),
    "abandoned": (
        _("Abandonada"),
        _(
            "Não foi possível descobrir se a plataforma registrou esta venda, e uma pessoa desistiu dela. Se ela foi "
            "registrada, enviar de novo credita em dobro: antes, confira no painel da Smartbis."
        ),
    ),
}
#: Name of the flag -> its word.
FLAGS: dict[str, Text] = {
    "conflicting_data": _("Dados do comprador divergentes"),
    "changed_after_send": _("Alterada depois do envio"),
    "reversal_due": _("Estorno a fazer"),
}
#: What a feed sent that could not be used.
PROBLEMS: dict[str, Text] = {
    "missing": _("Falta um dado obrigatório."),
    "no_id": _(
        "A venda não tem ID, NSU nem código de autorização: não daria para distingui-la de outra igual."
    ),
    "not_a_number": _("O valor não é um número."),
    "not_an_object": _("A linha não é uma venda."),
    "not_json": _("A linha está cortada."),
    "not_a_time": _("A data ou a hora não pôde ser lida."),
    "not_a_date": _("A data não pôde ser lida."),
    "not_text": _("Um dado que devia ser texto não é."),
    "too_long": _("Um dado é longo demais."),
    "absurd_amount": _("O valor é grande demais para uma venda."),
    "in_the_future": _("A data da venda está no futuro."),
    "unknown_machine": _("A maquininha não está na lista do SmartPOS. A venda foi guardada mesmo assim."),
    "stale": _("A entrega tinha hora antiga demais e foi recusada."),
    "bad_signature": _("A assinatura da entrega não confere com o segredo de envio; nada foi guardado."),
    "too_large": _("A entrega era grande demais e foi recusada."),
    "too_many_sales": _("A entrega tinha vendas demais e foi recusada."),
    "envelope": _("A entrega não veio no formato combinado e foi recusada."),
    "event": _("A entrega não veio no formato combinado e foi recusada."),
    "sales": _("A entrega não veio no formato combinado e foi recusada."),
    "sent_at": _("A entrega não veio no formato combinado e foi recusada."),
    "cursor_expired": _(
        "O SmartPOS esqueceu onde a leitura tinha parado: ela recomeçou do início, sem repetir vendas."
    ),
    "null": _("Falta um dado obrigatório."),
    "not_a_whole_number": _("Um número não é inteiro."),
    "not_in_cents": _("O valor tem mais de duas casas decimais."),
    "not_positive": _("O valor não é maior que zero."),
    "number_out_of_range": _("Um número é grande demais."),
    "not_an_id": _("O ID da venda não pôde ser lido."),
    "missing_header": _("Falta uma coluna obrigatória: data, valor, forma de pagamento ou situação."),
    "doubled_header": _("A mesma coluna aparece duas vezes com valores diferentes."),
    "repeated_header": _("O cabeçalho se repete no meio do arquivo."),
    "broken_text": _("O texto da linha está corrompido. Confira a codificação do arquivo."),
    "not_a_word": _("Uma palavra não foi reconhecida."),
}
_UNREADABLE = _("A linha não pôde ser lida.")
_REFUSED = _("A plataforma recusou a venda. Confira os dados, corrija e envie de novo.")


def short_reason(reason: str) -> str:
    """A reason in a few words; a platform's code stands for itself."""
    return str(REASONS[reason][0]) if reason in REASONS else reason


def explain_reason(reason: str) -> str:
    """A reason as a sentence with the way out; of a code of the platform, what can be done."""
    if not reason:
        return ""
    return str(REASONS[reason][1] if reason in REASONS else _REFUSED)


def explain_problem(reason: str) -> str:
    """What was wrong with a row or a delivery."""
    return str(PROBLEMS.get(reason, _UNREADABLE))


#: Field of the file -> its heading (`smartpos.md` §2.4).
COLUMNS: dict[str, Text] = {
    "id": _("ID da venda"),
    "date": _("Data da venda"),
    "time": _("Hora"),
    "acquirer": _("Adquirente"),
    "machine_id": _("Código da máquina"),
    "terminal_serial": _("Série do terminal"),
    "nsu": _("NSU"),
    "authorization_code": _("Código de autorização"),
    "store_id": _("Loja"),
    "amount": _("Valor"),
    "installments": _("Parcelas"),
    "payment_method": _("Forma de pagamento"),
    "status": _("Situação"),
    "cpf": _("CPF"),
    "phone": _("Telefone"),
    "email": _("E-mail"),
    "name": _("Nome do cliente"),
}
_WORDS: dict[str, Text] = {
    "payment_method": _("Escreva crédito, débito, pix, vale ou dinheiro."),
    "status": _("Escreva aprovada, cancelada ou estornada."),
}
_ROWS: dict[str, Text] = {
    "missing": _("Falta preencher."),
    "not_a_date": _("Escreva a data como 31/12/2026."),
    "not_a_time": _("Escreva a hora como 14:30 ou 14:30:15."),
    "not_a_number": _("Escreva o valor como 1.234,56."),
    "not_in_cents": _("Escreva o valor com duas casas decimais."),
    "not_a_whole_number": _("Escreva um número inteiro, como 3."),
    "too_long": _("O texto é longo demais."),
    "absurd_amount": _("O valor é grande demais para uma venda."),
    "doubled_header": _("Duas colunas com o mesmo nome dizem coisas diferentes."),
    "missing_header": _("Falta esta coluna. Imprima o arquivo de novo no SmartPOS ou acrescente a coluna."),
}
_WHOLE_ROWS: dict[str, Text] = {
    "repeated_header": _("A linha repete os nomes das colunas."),
    "broken_text": _("O texto da linha está danificado: salve o arquivo de novo como UTF-8."),
    "in_the_future": _("A data da venda está no futuro."),
    "absurd_amount": _("O valor é grande demais para uma venda."),
    "no_id": PROBLEMS["no_id"],
}


def explain_row(field: str, reason: str) -> str:
    """What is wrong with a row of a file, with the column it is about."""
    sentence = _WORDS.get(field) if reason == "not_a_word" else _ROWS.get(reason)
    if not field or field not in COLUMNS or sentence is None:
        return str(_WHOLE_ROWS.get(reason, _UNREADABLE))
    return gettext("%(column)s: %(problem)s") % {"column": COLUMNS[field], "problem": sentence}


def explain_file(reason: str, field: str) -> str:
    """Why a file cannot be used."""
    if reason == "missing_header":
        return explain_row(field, reason)
    if reason == "other_state":
        return gettext("O arquivo já está em outra etapa. Veja como ele está agora.")
    return unreadable_file(reason)


_REFUSALS: dict[str, Text] = {
    "moved_on": _("A venda já mudou de situação. Confira como ela está agora; nada foi feito."),
    "no_customer": _("Vincule um cliente antes de liberar a venda."),
    "no_programme": _("Ninguém escolheu ainda o programa desta integração. Abra o assistente, passo 2."),
    "other_programme": _("Este cliente não é do programa desta integração. Nada foi feito."),
    "final": _("Nesta situação a venda não muda mais."),
    "being_sent": _("A venda já foi enviada: o cliente não muda mais."),
    "no_reason": _("Escreva o motivo."),
    "not_offered": _("Este programa não recebe vendas. Escolha outro."),
    "checklist": _("Faltam passos da lista."),
    "amount": _("O valor tem de ser maior que zero."),
}


def explain_wait(error: str, cause: str) -> str:
    """Why sending waits: the class of an `ApiError` and its cause, or `busy`."""
    if error == "busy":
        return gettext("Outro envio do mesmo cliente ainda está a confirmar. As vendas seguem sozinhas.")
    return explain(error, cause)


def explain_refusal(reason: str) -> str:
    """Why something a person asked for was not done."""
    return str(_REFUSALS.get(reason) or explain_reason(reason))
