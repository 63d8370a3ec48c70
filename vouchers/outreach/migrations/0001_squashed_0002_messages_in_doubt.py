import datetime
import uuid

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import vouchers.outreach.models.plans
from smartbis_admin.tables import CreateTables


class Migration(migrations.Migration):
    replaces = [("outreach", "0001_initial"), ("outreach", "0002_messages_in_doubt")]

    initial = True

    dependencies = [
        ("connections", "0004_absent_lists"),
        ("customers", "0007_consent_by_the_customer"),
        ("writes", "0002_history_of_a_subject"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name="Automation",
                    fields=[
                        (
                            "channels",
                            models.JSONField(
                                default=vouchers.outreach.models.plans.default_channels, verbose_name="canais"
                            ),
                        ),
                        (
                            "language",
                            models.CharField(
                                blank=True,
                                choices=[("pt-br", "Português"), ("en", "Inglês"), ("es", "Espanhol")],
                                max_length=5,
                                verbose_name="idioma",
                            ),
                        ),
                        (
                            "held_out_percent",
                            models.PositiveSmallIntegerField(
                                default=0,
                                validators=[django.core.validators.MaxValueValidator(50)],
                                verbose_name="grupo de comparação (%)",
                            ),
                        ),
                        (
                            "trigger",
                            models.CharField(
                                choices=[
                                    ("welcome", "Boas-vindas"),
                                    ("post_sale", "Pós-venda"),
                                    ("balance_available", "Saldo disponível"),
                                    ("points_progress", "Progresso de pontos"),
                                    ("voucher_issued", "Voucher emitido"),
                                    ("voucher_expiring", "Voucher a vencer"),
                                    ("redeemed", "Resgate confirmado"),
                                    ("birthday", "Aniversário"),
                                    ("inactive", "Recuperação"),
                                    ("return_call", "Convite de retorno"),
                                    ("nps", "Pesquisa de satisfação"),
                                    ("campaign", "Campanha"),
                                ],
                                max_length=20,
                                primary_key=True,
                                serialize=False,
                                verbose_name="gatilho",
                            ),
                        ),
                        ("is_on", models.BooleanField(default=False, verbose_name="ligada")),
                        ("switched_on_at", models.DateTimeField(null=True, verbose_name="ligada em")),
                        ("thresholds", models.JSONField(default=dict)),
                        ("looked_at", models.DateTimeField(null=True)),
                        ("leased_until", models.DateTimeField(null=True)),
                        ("left_out", models.JSONField(default=dict)),
                    ],
                    options={
                        "verbose_name": "mensagem automática",
                        "verbose_name_plural": "mensagens automáticas",
                        "ordering": ["trigger"],
                    },
                ),
                migrations.CreateModel(
                    name="LastContact",
                    fields=[
                        ("person", models.CharField(max_length=32, primary_key=True, serialize=False)),
                        ("at", models.DateTimeField()),
                        ("message", models.UUIDField()),
                    ],
                ),
                migrations.CreateModel(
                    name="Campaign",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "channels",
                            models.JSONField(
                                default=vouchers.outreach.models.plans.default_channels, verbose_name="canais"
                            ),
                        ),
                        (
                            "language",
                            models.CharField(
                                blank=True,
                                choices=[("pt-br", "Português"), ("en", "Inglês"), ("es", "Espanhol")],
                                max_length=5,
                                verbose_name="idioma",
                            ),
                        ),
                        (
                            "held_out_percent",
                            models.PositiveSmallIntegerField(
                                default=0,
                                validators=[django.core.validators.MaxValueValidator(50)],
                                verbose_name="grupo de comparação (%)",
                            ),
                        ),
                        ("name", models.CharField(max_length=80, verbose_name="nome")),
                        (
                            "trigger",
                            models.CharField(
                                choices=[
                                    ("welcome", "Boas-vindas"),
                                    ("post_sale", "Pós-venda"),
                                    ("balance_available", "Saldo disponível"),
                                    ("points_progress", "Progresso de pontos"),
                                    ("voucher_issued", "Voucher emitido"),
                                    ("voucher_expiring", "Voucher a vencer"),
                                    ("redeemed", "Resgate confirmado"),
                                    ("birthday", "Aniversário"),
                                    ("inactive", "Recuperação"),
                                    ("return_call", "Convite de retorno"),
                                    ("nps", "Pesquisa de satisfação"),
                                    ("campaign", "Campanha"),
                                ],
                                default="campaign",
                                max_length=20,
                                verbose_name="gatilho",
                            ),
                        ),
                        ("text_name", models.CharField(blank=True, max_length=40, verbose_name="texto")),
                        (
                            "audience_trigger",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("welcome", "Boas-vindas"),
                                    ("post_sale", "Pós-venda"),
                                    ("balance_available", "Saldo disponível"),
                                    ("points_progress", "Progresso de pontos"),
                                    ("voucher_issued", "Voucher emitido"),
                                    ("voucher_expiring", "Voucher a vencer"),
                                    ("redeemed", "Resgate confirmado"),
                                    ("birthday", "Aniversário"),
                                    ("inactive", "Recuperação"),
                                    ("return_call", "Convite de retorno"),
                                    ("nps", "Pesquisa de satisfação"),
                                    ("campaign", "Campanha"),
                                ],
                                max_length=20,
                                verbose_name="público do gatilho",
                            ),
                        ),
                        (
                            "audience_query",
                            models.CharField(blank=True, max_length=1000, verbose_name="filtro de clientes"),
                        ),
                        (
                            "audience_name",
                            models.CharField(blank=True, max_length=80, verbose_name="público"),
                        ),
                        (
                            "scheduled_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="agendada para"),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("draft", "Rascunho"),
                                    ("counting", "Contando o público"),
                                    ("counted", "Pronta para confirmar"),
                                    ("scheduled", "Agendada"),
                                    ("queueing", "Preparando mensagens"),
                                    ("running", "Enviando"),
                                    ("paused", "Pausada"),
                                    ("stopped", "Interrompida"),
                                    ("done", "Concluída"),
                                ],
                                default="draft",
                                max_length=10,
                                verbose_name="situação",
                            ),
                        ),
                        ("position", models.BigIntegerField(default=0)),
                        ("leased_until", models.DateTimeField(null=True)),
                        ("found", models.PositiveIntegerField(default=0, verbose_name="encontrados")),
                        ("reachable", models.PositiveIntegerField(default=0, verbose_name="alcançáveis")),
                        (
                            "held_out",
                            models.PositiveIntegerField(default=0, verbose_name="no grupo de comparação"),
                        ),
                        ("by_channel", models.JSONField(default=dict)),
                        ("left_out", models.JSONField(default=dict)),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="criada em")),
                        ("started_at", models.DateTimeField(null=True, verbose_name="início")),
                        ("finished_at", models.DateTimeField(null=True, verbose_name="fim")),
                        (
                            "confirmed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "created_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="criada por",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "campanha",
                        "verbose_name_plural": "campanhas",
                        "ordering": ["-created_at", "-pk"],
                        "indexes": [models.Index(fields=["-created_at", "-id"], name="campaign_newest")],
                    },
                ),
                migrations.CreateModel(
                    name="Incoming",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("remote_id", models.CharField(max_length=200)),
                        ("sender", models.CharField(max_length=20, verbose_name="de")),
                        ("text", models.TextField(max_length=4096, verbose_name="texto")),
                        ("at", models.DateTimeField(verbose_name="quando")),
                        ("received_at", models.DateTimeField(auto_now_add=True, verbose_name="recebida em")),
                        ("is_opt_out", models.BooleanField(default=False, verbose_name="pediu para sair")),
                        (
                            "connection",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="connections.connection",
                                verbose_name="conexão",
                            ),
                        ),
                        (
                            "customer",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="customers.customer",
                                verbose_name="cliente",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "mensagem recebida",
                        "verbose_name_plural": "mensagens recebidas",
                        "ordering": ["-received_at", "-pk"],
                        "indexes": [models.Index(fields=["-received_at", "-id"], name="incoming_newest")],
                        "constraints": [
                            models.UniqueConstraint(fields=("connection", "remote_id"), name="incoming_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Message",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        (
                            "trigger",
                            models.CharField(
                                choices=[
                                    ("welcome", "Boas-vindas"),
                                    ("post_sale", "Pós-venda"),
                                    ("balance_available", "Saldo disponível"),
                                    ("points_progress", "Progresso de pontos"),
                                    ("voucher_issued", "Voucher emitido"),
                                    ("voucher_expiring", "Voucher a vencer"),
                                    ("redeemed", "Resgate confirmado"),
                                    ("birthday", "Aniversário"),
                                    ("inactive", "Recuperação"),
                                    ("return_call", "Convite de retorno"),
                                    ("nps", "Pesquisa de satisfação"),
                                    ("campaign", "Campanha"),
                                ],
                                max_length=20,
                                verbose_name="gatilho",
                            ),
                        ),
                        ("person", models.CharField(max_length=32)),
                        ("occasion", models.CharField(max_length=80)),
                        (
                            "channel",
                            models.CharField(
                                choices=[("whatsapp", "WhatsApp"), ("email", "E-mail")],
                                max_length=10,
                                verbose_name="canal",
                            ),
                        ),
                        (
                            "language",
                            models.CharField(
                                choices=[("pt-br", "Português"), ("en", "Inglês"), ("es", "Espanhol")],
                                default="pt-br",
                                max_length=5,
                                verbose_name="idioma",
                            ),
                        ),
                        ("subject", models.CharField(blank=True, max_length=300, verbose_name="assunto")),
                        ("body", models.TextField(blank=True, verbose_name="texto enviado")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("queued", "Na fila"),
                                    ("sending", "Enviando"),
                                    ("sent", "Enviada"),
                                    ("delivered", "Entregue"),
                                    ("read", "Lida"),
                                    ("failed", "Falhou"),
                                    ("dropped", "Não enviada"),
                                    ("in_doubt", "A confirmar – não repita"),
                                    ("held_out", "Grupo de comparação"),
                                ],
                                default="queued",
                                max_length=10,
                                verbose_name="situação",
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("no_consent", "Sem consentimento para o canal"),
                                    ("opted_out", "Pediu para não receber"),
                                    ("blocked", "Cliente bloqueado"),
                                    ("gone", "Não está mais na plataforma"),
                                    ("anonymised", "Cliente anonimizado"),
                                    ("no_address", "Sem telefone ou e-mail"),
                                    ("capped", "Recebeu esta mensagem há pouco tempo"),
                                    ("already", "Já recebeu por esta ocasião"),
                                    ("same_person", "A mesma pessoa já está no público"),
                                    ("no_text", "Falta o texto para o canal e o idioma"),
                                    ("no_channel", "Nenhum canal conectado"),
                                    ("missing_field", "Falta um dado que o texto usa"),
                                    ("not_true", "O motivo da mensagem deixou de valer"),
                                    ("voucher_gone", "O voucher não pode mais ser usado"),
                                    ("too_late", "Passou da hora de enviar"),
                                    ("stopped", "Interrompida por uma pessoa"),
                                    ("switched_off", "Mensagem automática desligada"),
                                    ("refused", "Recusada pelo serviço de envio"),
                                    ("undelivered", "Não pôde ser entregue"),
                                    ("not_done", "Não saiu, conforme conferido"),
                                ],
                                max_length=20,
                                verbose_name="motivo",
                            ),
                        ),
                        ("detail", models.CharField(blank=True, max_length=60)),
                        ("zone", models.CharField(max_length=40)),
                        ("queued_at", models.DateTimeField(verbose_name="na fila desde")),
                        ("not_before", models.DateTimeField()),
                        ("expires_at", models.DateTimeField()),
                        ("claim", models.CharField(blank=True, max_length=32)),
                        ("claimed_at", models.DateTimeField(null=True)),
                        ("left_at", models.DateTimeField(null=True)),
                        ("attempts", models.PositiveSmallIntegerField(default=0)),
                        ("remote_id", models.CharField(blank=True, max_length=200)),
                        ("sent_at", models.DateTimeField(null=True, verbose_name="enviada em")),
                        ("delivered_at", models.DateTimeField(null=True, verbose_name="entregue em")),
                        ("read_at", models.DateTimeField(null=True, verbose_name="lida em")),
                        ("ended_at", models.DateTimeField(null=True)),
                        (
                            "campaign",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="messages",
                                to="outreach.campaign",
                                verbose_name="campanha",
                            ),
                        ),
                        (
                            "customer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="messages",
                                to="customers.customer",
                                verbose_name="cliente",
                            ),
                        ),
                        (
                            "write",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="contact",
                                to="writes.write",
                                verbose_name="envio",
                            ),
                        ),
                        (
                            "template",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="outreach.template",
                                verbose_name="texto",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "mensagem",
                        "verbose_name_plural": "mensagens",
                        "ordering": ["-queued_at", "-pk"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "queued")),
                                fields=["not_before", "id"],
                                name="message_queue",
                            ),
                            models.Index(
                                condition=models.Q(("state", "sending")),
                                fields=["claimed_at"],
                                name="message_sending",
                            ),
                            models.Index(
                                fields=["customer", "-queued_at", "-id"], name="message_of_customer"
                            ),
                            models.Index(fields=["-queued_at", "-id"], name="message_newest"),
                            models.Index(fields=["trigger", "-queued_at", "-id"], name="message_of_trigger"),
                            models.Index(fields=["campaign", "state"], name="message_of_campaign"),
                            models.Index(
                                condition=models.Q(("remote_id", ""), _negated=True),
                                fields=["remote_id"],
                                name="message_remote",
                            ),
                            models.Index(
                                condition=models.Q(("state", "in_doubt")),
                                fields=["channel"],
                                name="message_in_doubt",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("person", "trigger", "occasion"), name="message_once_per_person"
                            ),
                            models.UniqueConstraint(
                                fields=("customer", "trigger", "occasion"), name="message_once_per_customer"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Preferences",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "portal_url",
                            models.URLField(
                                blank=True, max_length=300, verbose_name="endereço do portal do cliente"
                            ),
                        ),
                        (
                            "talk_url",
                            models.URLField(
                                blank=True,
                                help_text="Por exemplo https://wa.me/5511999999999",
                                max_length=300,
                                verbose_name="endereço para falar com a loja",
                            ),
                        ),
                        (
                            "opens_at",
                            models.TimeField(default=datetime.time(9, 0), verbose_name="enviar a partir de"),
                        ),
                        (
                            "closes_at",
                            models.TimeField(default=datetime.time(20, 0), verbose_name="enviar até"),
                        ),
                        (
                            "hours_apart",
                            models.PositiveSmallIntegerField(
                                default=24,
                                validators=[django.core.validators.MinValueValidator(1)],
                                verbose_name="horas entre dois contatos",
                            ),
                        ),
                        ("paused_at", models.DateTimeField(null=True, verbose_name="pausada em")),
                        (
                            "paused_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "preferências de comunicação",
                        "verbose_name_plural": "preferências de comunicação",
                    },
                ),
                migrations.CreateModel(
                    name="Receipt",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("sent", "Enviada"),
                                    ("delivered", "Entregue"),
                                    ("read", "Lida"),
                                    ("failed", "Falhou"),
                                ],
                                max_length=10,
                                verbose_name="situação",
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="quando")),
                        ("received_at", models.DateTimeField(auto_now_add=True, verbose_name="recebido em")),
                        ("error_code", models.CharField(blank=True, max_length=20)),
                        (
                            "message",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="receipts",
                                to="outreach.message",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "recibo",
                        "verbose_name_plural": "recibos",
                        "ordering": ["at", "pk"],
                        "constraints": [
                            models.UniqueConstraint(fields=("message", "status"), name="receipt_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SurveyAnswer",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "channel",
                            models.CharField(
                                choices=[("whatsapp", "WhatsApp"), ("email", "E-mail")],
                                max_length=10,
                                verbose_name="canal",
                            ),
                        ),
                        (
                            "score",
                            models.PositiveSmallIntegerField(
                                validators=[django.core.validators.MaxValueValidator(10)], verbose_name="nota"
                            ),
                        ),
                        ("comment", models.TextField(blank=True, max_length=1000, verbose_name="comentário")),
                        ("answered_at", models.DateTimeField(verbose_name="respondida em")),
                        (
                            "customer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="survey_answers",
                                to="customers.customer",
                                verbose_name="cliente",
                            ),
                        ),
                        (
                            "message",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="answer",
                                to="outreach.message",
                                verbose_name="mensagem",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "resposta da pesquisa",
                        "verbose_name_plural": "respostas da pesquisa",
                        "ordering": ["-answered_at", "-pk"],
                        "indexes": [models.Index(fields=["-answered_at", "-id"], name="survey_newest")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("score__lte", 10)), name="score_up_to_ten"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Template",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "trigger",
                            models.CharField(
                                choices=[
                                    ("welcome", "Boas-vindas"),
                                    ("post_sale", "Pós-venda"),
                                    ("balance_available", "Saldo disponível"),
                                    ("points_progress", "Progresso de pontos"),
                                    ("voucher_issued", "Voucher emitido"),
                                    ("voucher_expiring", "Voucher a vencer"),
                                    ("redeemed", "Resgate confirmado"),
                                    ("birthday", "Aniversário"),
                                    ("inactive", "Recuperação"),
                                    ("return_call", "Convite de retorno"),
                                    ("nps", "Pesquisa de satisfação"),
                                    ("campaign", "Campanha"),
                                ],
                                max_length=20,
                                verbose_name="gatilho",
                            ),
                        ),
                        ("name", models.CharField(blank=True, max_length=40, verbose_name="nome do texto")),
                        (
                            "channel",
                            models.CharField(
                                choices=[("whatsapp", "WhatsApp"), ("email", "E-mail")],
                                max_length=10,
                                verbose_name="canal",
                            ),
                        ),
                        (
                            "language",
                            models.CharField(
                                choices=[("pt-br", "Português"), ("en", "Inglês"), ("es", "Espanhol")],
                                max_length=5,
                                verbose_name="idioma",
                            ),
                        ),
                        ("version", models.PositiveIntegerField(verbose_name="versão")),
                        ("subject", models.CharField(blank=True, max_length=150, verbose_name="assunto")),
                        ("body", models.TextField(max_length=2000, verbose_name="texto")),
                        (
                            "action",
                            models.CharField(
                                choices=[
                                    ("balance", "Ver o saldo"),
                                    ("portal", "Abrir o portal do cliente"),
                                    ("voucher", "Usar o voucher"),
                                    ("survey", "Responder à pesquisa"),
                                    ("talk", "Falar com a loja"),
                                ],
                                max_length=10,
                                verbose_name="próximo passo",
                            ),
                        ),
                        (
                            "action_label",
                            models.CharField(max_length=40, verbose_name="texto do próximo passo"),
                        ),
                        (
                            "action_url",
                            models.URLField(
                                blank=True, max_length=300, verbose_name="endereço do próximo passo"
                            ),
                        ),
                        (
                            "whatsapp_name",
                            models.CharField(blank=True, max_length=100, verbose_name="modelo no WhatsApp"),
                        ),
                        (
                            "whatsapp_button",
                            models.BooleanField(
                                default=False, verbose_name="o modelo tem botão com endereço"
                            ),
                        ),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="criado em")),
                        (
                            "created_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="quem",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "texto de mensagem",
                        "verbose_name_plural": "textos de mensagens",
                        "ordering": ["trigger", "name", "channel", "language", "-version"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("trigger", "name", "channel", "language", "version"),
                                name="text_version_once",
                            )
                        ],
                    },
                ),
            ]
        ),
    ]
