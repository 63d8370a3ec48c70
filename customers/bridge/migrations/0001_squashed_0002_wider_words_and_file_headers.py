import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from smartbis_admin.tables import CreateTables


class Migration(migrations.Migration):
    replaces = [("bridge", "0001_sales_of_card_machines"), ("bridge", "0002_wider_words_and_file_headers")]

    initial = True

    dependencies = [
        ("connections", "0004_absent_lists"),
        ("customers", "0007_consent_by_the_customer"),
        ("staff", "0003_contingency_policies"),
        ("writes", "0002_history_of_a_subject"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name="PosFile",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=200, verbose_name="arquivo")),
                        ("digest", models.CharField(editable=False, max_length=64)),
                        ("format", models.CharField(max_length=4)),
                        ("encoding", models.CharField(blank=True, max_length=20)),
                        ("delimiter", models.CharField(blank=True, max_length=1)),
                        ("columns", models.JSONField(default=dict)),
                        ("ignored", models.JSONField(default=list)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("preview", "Pré-visualização"),
                                    ("running", "Importando"),
                                    ("done", "Concluída"),
                                    ("failed", "Falhou"),
                                ],
                                default="preview",
                                max_length=8,
                                verbose_name="situação",
                            ),
                        ),
                        ("reason", models.CharField(blank=True, max_length=40)),
                        ("rows_total", models.PositiveIntegerField(default=0, verbose_name="linhas")),
                        ("rows_read", models.PositiveIntegerField(default=0)),
                        ("rows_new", models.PositiveIntegerField(default=0, verbose_name="novas")),
                        (
                            "rows_duplicate",
                            models.PositiveIntegerField(default=0, verbose_name="já recebidas"),
                        ),
                        ("rows_changed", models.PositiveIntegerField(default=0, verbose_name="alteradas")),
                        ("rows_bad", models.PositiveIntegerField(default=0, verbose_name="com erro")),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="quando")),
                        ("started_at", models.DateTimeField(null=True)),
                        ("finished_at", models.DateTimeField(null=True)),
                        ("worker", models.UUIDField(null=True)),
                        ("heartbeat_at", models.DateTimeField(null=True)),
                        (
                            "bridge",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="files",
                                to="bridge.bridge",
                            ),
                        ),
                        (
                            "created_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="quem",
                            ),
                        ),
                        ("header", models.JSONField(default=list)),
                    ],
                    options={
                        "verbose_name": "arquivo de vendas",
                        "verbose_name_plural": "arquivos de vendas",
                        "ordering": ["-created_at", "-pk"],
                        "indexes": [
                            models.Index(fields=["-created_at", "-id"], name="pos_file_newest"),
                            models.Index(
                                condition=models.Q(("state", "running")),
                                fields=["state"],
                                name="pos_file_running",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("bridge", "digest"), name="pos_file_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Bridge",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "mode",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("register", "Nós registramos as vendas"),
                                    ("observe", "Só acompanhar: o painel da Smartbis registra"),
                                ],
                                max_length=8,
                                verbose_name="quem registra as vendas",
                            ),
                        ),
                        ("mode_at", models.DateTimeField(null=True)),
                        (
                            "creates_customers",
                            models.BooleanField(
                                default=False, verbose_name="cadastrar clientes desconhecidos"
                            ),
                        ),
                        ("setup", models.JSONField(default=dict, editable=False)),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        ("sales_cursor", models.TextField(blank=True, editable=False)),
                        ("buyers_cursor", models.TextField(blank=True, editable=False)),
                        (
                            "pulled_at",
                            models.DateTimeField(editable=False, null=True, verbose_name="última leitura"),
                        ),
                        ("machines_at", models.DateTimeField(editable=False, null=True)),
                        ("buyers_at", models.DateTimeField(editable=False, null=True)),
                        (
                            "pushed_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="último envio recebido"
                            ),
                        ),
                        ("pinged_at", models.DateTimeField(editable=False, null=True)),
                        (
                            "last_event_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="última venda recebida"
                            ),
                        ),
                        ("pull_worker", models.UUIDField(editable=False, null=True)),
                        ("pull_until", models.DateTimeField(editable=False, null=True)),
                        ("work_worker", models.UUIDField(editable=False, null=True)),
                        ("work_until", models.DateTimeField(editable=False, null=True)),
                        ("waits_for", models.CharField(blank=True, editable=False, max_length=40)),
                        ("waits_cause", models.CharField(blank=True, editable=False, max_length=40)),
                        (
                            "connection",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="bridge",
                                to="connections.connection",
                                verbose_name="conexão",
                            ),
                        ),
                        (
                            "mode_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "target",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="fed_by",
                                to="connections.connection",
                                verbose_name="programa",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "ponte SmartPOS",
                        "verbose_name_plural": "pontes SmartPOS",
                        "ordering": ["pk"],
                    },
                ),
                migrations.CreateModel(
                    name="PosFileContent",
                    fields=[
                        (
                            "file",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="content",
                                serialize=False,
                                to="bridge.posfile",
                            ),
                        ),
                        ("content", models.BinaryField()),
                    ],
                ),
                migrations.CreateModel(
                    name="PosFileError",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.PositiveIntegerField(verbose_name="linha")),
                        ("field", models.CharField(blank=True, max_length=20)),
                        ("reason", models.CharField(max_length=40, verbose_name="problema")),
                        ("cells", models.JSONField(default=list)),
                        (
                            "file",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="errors",
                                to="bridge.posfile",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "linha com erro",
                        "verbose_name_plural": "linhas com erro",
                        "ordering": ["number", "pk"],
                        "constraints": [
                            models.UniqueConstraint(fields=("file", "number"), name="pos_file_error_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PosMachine",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("remote_id", models.CharField(max_length=120, verbose_name="código")),
                        ("acquirer", models.CharField(blank=True, max_length=120, verbose_name="adquirente")),
                        (
                            "terminal_serial",
                            models.CharField(blank=True, max_length=120, verbose_name="série do terminal"),
                        ),
                        ("label", models.CharField(blank=True, max_length=120, verbose_name="nome")),
                        (
                            "store_remote_id",
                            models.CharField(blank=True, max_length=120, verbose_name="loja no SmartPOS"),
                        ),
                        ("is_active", models.BooleanField(default=True, verbose_name="ativa")),
                        (
                            "is_listed",
                            models.BooleanField(default=False, verbose_name="na lista do SmartPOS"),
                        ),
                        ("last_seen_at", models.DateTimeField(null=True, verbose_name="vista em")),
                        ("last_sale_at", models.DateTimeField(null=True, verbose_name="última venda")),
                        (
                            "bridge",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="machines",
                                to="bridge.bridge",
                            ),
                        ),
                        (
                            "store",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="staff.store",
                                verbose_name="loja",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "maquininha",
                        "verbose_name_plural": "maquininhas",
                        "ordering": ["label", "remote_id", "pk"],
                        "constraints": [
                            models.UniqueConstraint(fields=("bridge", "remote_id"), name="pos_machine_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PosSale",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("remote_id", models.CharField(max_length=200, verbose_name="ID da venda")),
                        (
                            "road",
                            models.CharField(
                                choices=[
                                    ("pull", "Leitura automática"),
                                    ("push", "Envio do SmartPOS"),
                                    ("file", "Arquivo"),
                                ],
                                max_length=4,
                                verbose_name="origem",
                            ),
                        ),
                        (
                            "machine_remote_id",
                            models.CharField(blank=True, max_length=120, verbose_name="código da máquina"),
                        ),
                        ("acquirer", models.CharField(blank=True, max_length=120, verbose_name="adquirente")),
                        (
                            "terminal_serial",
                            models.CharField(blank=True, max_length=120, verbose_name="série do terminal"),
                        ),
                        ("nsu", models.CharField(blank=True, max_length=120, verbose_name="NSU")),
                        (
                            "authorization_code",
                            models.CharField(
                                blank=True, max_length=120, verbose_name="código de autorização"
                            ),
                        ),
                        (
                            "store_remote_id",
                            models.CharField(blank=True, max_length=120, verbose_name="loja no SmartPOS"),
                        ),
                        (
                            "amount",
                            models.DecimalField(
                                decimal_places=2, max_digits=14, verbose_name="valor da venda"
                            ),
                        ),
                        (
                            "installments",
                            models.PositiveSmallIntegerField(default=1, verbose_name="parcelas"),
                        ),
                        (
                            "payment_method",
                            models.CharField(
                                choices=[
                                    ("credit", "Crédito"),
                                    ("debit", "Débito"),
                                    ("pix", "Pix"),
                                    ("voucher", "Vale"),
                                    ("cash", "Dinheiro"),
                                    ("unknown", "Outra"),
                                ],
                                max_length=8,
                                verbose_name="forma de pagamento",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("approved", "Aprovada"),
                                    ("cancelled", "Cancelada"),
                                    ("refunded", "Devolvida"),
                                    ("unknown", "Desconhecida"),
                                ],
                                max_length=9,
                                verbose_name="situação na maquininha",
                            ),
                        ),
                        ("sold_at", models.DateTimeField(verbose_name="quando")),
                        ("buyer_cpf", models.CharField(blank=True, max_length=40, verbose_name="CPF")),
                        ("buyer_phone", models.CharField(blank=True, max_length=40, verbose_name="telefone")),
                        ("buyer_email", models.CharField(blank=True, max_length=254, verbose_name="e-mail")),
                        (
                            "buyer_name",
                            models.CharField(blank=True, max_length=200, verbose_name="nome do cliente"),
                        ),
                        ("digest", models.CharField(editable=False, max_length=32)),
                        ("core_digest", models.CharField(editable=False, max_length=32)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("received", "Recebida"),
                                    ("matched", "Vinculada"),
                                    ("unidentified", "Não identificada"),
                                    ("eligible", "Elegível"),
                                    ("ineligible", "Não elegível"),
                                    ("registered", "Registrada"),
                                    ("in_doubt", "A confirmar – não repita"),
                                    ("rejected", "Rejeitada"),
                                    ("reversed", "Estornada"),
                                ],
                                default="received",
                                max_length=12,
                                verbose_name="situação",
                            ),
                        ),
                        ("reason", models.CharField(blank=True, max_length=60, verbose_name="motivo")),
                        ("state_since", models.DateTimeField(verbose_name="desde")),
                        ("received_at", models.DateTimeField(verbose_name="recebida em")),
                        (
                            "conflicting_data",
                            models.BooleanField(default=False, verbose_name="dados do comprador divergentes"),
                        ),
                        (
                            "changed_after_send",
                            models.BooleanField(default=False, verbose_name="alterada depois do envio"),
                        ),
                        ("reversal_due", models.BooleanField(default=False, verbose_name="estorno a fazer")),
                        ("later_content", models.JSONField(null=True)),
                        ("customer_remote_id", models.CharField(max_length=128, null=True)),
                        ("attempt", models.PositiveSmallIntegerField(default=0)),
                        (
                            "bridge",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sales",
                                to="bridge.bridge",
                            ),
                        ),
                        (
                            "connection",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="connections.connection",
                                verbose_name="programa",
                            ),
                        ),
                        (
                            "customer",
                            models.ForeignObject(
                                editable=False,
                                from_fields=["connection", "customer_remote_id"],
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="pos_sales",
                                to="customers.customer",
                                to_fields=["connection", "remote_id"],
                            ),
                        ),
                        (
                            "linked_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "machine",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="sales",
                                to="bridge.posmachine",
                                verbose_name="maquininha",
                            ),
                        ),
                        (
                            "store",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="staff.store",
                                verbose_name="loja",
                            ),
                        ),
                        (
                            "write",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="pos_sale",
                                to="writes.write",
                                verbose_name="envio",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "venda de maquininha",
                        "verbose_name_plural": "vendas de maquininhas",
                        "ordering": ["-sold_at", "-pk"],
                        "indexes": [
                            models.Index(fields=["-sold_at", "-id"], name="pos_sale_newest"),
                            models.Index(fields=["state", "-sold_at", "-id"], name="pos_sale_state"),
                            models.Index(
                                condition=models.Q(("reason", ""), _negated=True),
                                fields=["reason", "-sold_at", "-id"],
                                name="pos_sale_reason",
                            ),
                            models.Index(fields=["machine", "-sold_at", "-id"], name="pos_sale_machine"),
                            models.Index(fields=["store", "-sold_at", "-id"], name="pos_sale_store"),
                            models.Index(
                                condition=models.Q(("customer_remote_id__isnull", False)),
                                fields=["connection", "customer_remote_id", "-sold_at"],
                                name="pos_sale_customer",
                            ),
                            models.Index(
                                condition=models.Q(
                                    ("state__in", ["received", "matched", "eligible", "in_doubt"])
                                ),
                                fields=["bridge", "state", "id"],
                                name="pos_sale_moving",
                            ),
                            models.Index(
                                condition=models.Q(("state", "unidentified")),
                                fields=["state_since", "id"],
                                name="pos_sale_waiting",
                            ),
                            models.Index(
                                condition=models.Q(
                                    ("state", "unidentified"), models.Q(("buyer_cpf", ""), _negated=True)
                                ),
                                fields=["buyer_cpf"],
                                name="pos_sale_cpf_waiting",
                            ),
                            models.Index(
                                condition=models.Q(("nsu", ""), _negated=True),
                                fields=["nsu", "terminal_serial"],
                                name="pos_sale_nsu",
                            ),
                            models.Index(
                                condition=models.Q(("reversal_due", True)),
                                fields=["-sold_at", "-id"],
                                name="pos_sale_reversal_due",
                            ),
                            models.Index(
                                condition=models.Q(
                                    ("conflicting_data", True), ("changed_after_send", True), _connector="OR"
                                ),
                                fields=["-sold_at", "-id"],
                                name="pos_sale_flagged",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("bridge", "remote_id"), name="pos_sale_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PosReversal",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("opened_at", models.DateTimeField(verbose_name="aberto em")),
                        (
                            "cause",
                            models.CharField(
                                choices=[
                                    ("approved", "Aprovada"),
                                    ("cancelled", "Cancelada"),
                                    ("refunded", "Devolvida"),
                                    ("unknown", "Desconhecida"),
                                ],
                                max_length=9,
                                verbose_name="causa",
                            ),
                        ),
                        ("checklist", models.JSONField(default=dict)),
                        (
                            "evidence",
                            models.CharField(
                                blank=True, max_length=300, verbose_name="o que o painel mostra"
                            ),
                        ),
                        ("confirmed_at", models.DateTimeField(null=True, verbose_name="confirmado em")),
                        ("dropped_at", models.DateTimeField(null=True)),
                        (
                            "confirmed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="confirmado por",
                            ),
                        ),
                        (
                            "sale",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reversal",
                                to="bridge.possale",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "estorno de venda",
                        "verbose_name_plural": "estornos de vendas",
                        "ordering": ["-opened_at", "-pk"],
                    },
                ),
                migrations.CreateModel(
                    name="PosSaleEvent",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="quando")),
                        ("event", models.CharField(max_length=24, verbose_name="o que aconteceu")),
                        (
                            "from_state",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("received", "Recebida"),
                                    ("matched", "Vinculada"),
                                    ("unidentified", "Não identificada"),
                                    ("eligible", "Elegível"),
                                    ("ineligible", "Não elegível"),
                                    ("registered", "Registrada"),
                                    ("in_doubt", "A confirmar – não repita"),
                                    ("rejected", "Rejeitada"),
                                    ("reversed", "Estornada"),
                                ],
                                max_length=12,
                            ),
                        ),
                        (
                            "to_state",
                            models.CharField(
                                choices=[
                                    ("received", "Recebida"),
                                    ("matched", "Vinculada"),
                                    ("unidentified", "Não identificada"),
                                    ("eligible", "Elegível"),
                                    ("ineligible", "Não elegível"),
                                    ("registered", "Registrada"),
                                    ("in_doubt", "A confirmar – não repita"),
                                    ("rejected", "Rejeitada"),
                                    ("reversed", "Estornada"),
                                ],
                                max_length=12,
                                verbose_name="situação",
                            ),
                        ),
                        ("reason", models.CharField(blank=True, max_length=60, verbose_name="motivo")),
                        ("note", models.CharField(blank=True, max_length=300, verbose_name="observação")),
                        (
                            "actor",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="quem",
                            ),
                        ),
                        (
                            "sale",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="events",
                                to="bridge.possale",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "passo da venda",
                        "verbose_name_plural": "passos da venda",
                        "ordering": ["pk"],
                    },
                ),
                migrations.CreateModel(
                    name="PosStore",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("remote_id", models.CharField(max_length=120, verbose_name="loja no SmartPOS")),
                        (
                            "bridge",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="stores",
                                to="bridge.bridge",
                            ),
                        ),
                        (
                            "store",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="staff.store",
                                verbose_name="loja",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "loja do SmartPOS",
                        "verbose_name_plural": "lojas do SmartPOS",
                        "ordering": ["remote_id", "pk"],
                        "constraints": [
                            models.UniqueConstraint(fields=("bridge", "remote_id"), name="pos_store_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ReferenceSale",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("started_at", models.DateTimeField(verbose_name="iniciada em")),
                        (
                            "amount",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=14,
                                null=True,
                                verbose_name="valor da venda",
                            ),
                        ),
                        ("ended_at", models.DateTimeField(null=True)),
                        ("confirmed_at", models.DateTimeField(null=True, verbose_name="confirmada em")),
                        ("looked_at", models.JSONField(default=dict)),
                        (
                            "bridge",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="reference_sales",
                                to="bridge.bridge",
                            ),
                        ),
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
                            "machine",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="bridge.posmachine",
                            ),
                        ),
                        (
                            "sale",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reference_checks",
                                to="bridge.possale",
                            ),
                        ),
                        (
                            "started_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "venda de teste",
                        "verbose_name_plural": "vendas de teste",
                        "ordering": ["-started_at", "-pk"],
                    },
                ),
                migrations.CreateModel(
                    name="FeedIssue",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "road",
                            models.CharField(
                                choices=[
                                    ("pull", "Leitura automática"),
                                    ("push", "Envio do SmartPOS"),
                                    ("file", "Arquivo"),
                                ],
                                max_length=4,
                                verbose_name="origem",
                            ),
                        ),
                        ("subject", models.CharField(default="sale", max_length=10)),
                        (
                            "remote_id",
                            models.CharField(blank=True, max_length=200, verbose_name="ID da venda"),
                        ),
                        ("reason", models.CharField(max_length=40, verbose_name="problema")),
                        ("is_lost", models.BooleanField(default=True, verbose_name="linha perdida")),
                        ("count", models.PositiveIntegerField(default=1, verbose_name="vezes")),
                        ("first_at", models.DateTimeField(verbose_name="desde")),
                        ("last_at", models.DateTimeField(verbose_name="última vez")),
                        ("resolved_at", models.DateTimeField(null=True, verbose_name="resolvido em")),
                        (
                            "bridge",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="issues",
                                to="bridge.bridge",
                            ),
                        ),
                        (
                            "resolved_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "problema de leitura",
                        "verbose_name_plural": "problemas de leitura",
                        "ordering": ["-last_at", "-pk"],
                        "indexes": [
                            models.Index(fields=["-last_at", "-id"], name="feed_issue_newest"),
                            models.Index(
                                condition=models.Q(("resolved_at", None)),
                                fields=["-last_at", "-id"],
                                name="feed_issue_open",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("bridge", "road", "subject", "remote_id", "reason"),
                                name="feed_issue_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PosBuyer",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("remote_id", models.CharField(max_length=120)),
                        ("cpf", models.CharField(blank=True, max_length=40, verbose_name="CPF")),
                        ("phone", models.CharField(blank=True, max_length=40, verbose_name="telefone")),
                        ("email", models.CharField(blank=True, max_length=254, verbose_name="e-mail")),
                        ("name", models.CharField(blank=True, max_length=200, verbose_name="nome")),
                        ("updated_at", models.DateTimeField(null=True)),
                        (
                            "bridge",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="buyers",
                                to="bridge.bridge",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "comprador",
                        "verbose_name_plural": "compradores",
                        "indexes": [
                            models.Index(fields=["bridge", "phone"], name="pos_buyer_phone"),
                            models.Index(fields=["bridge", "email"], name="pos_buyer_email"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("bridge", "remote_id"), name="pos_buyer_once")
                        ],
                    },
                ),
            ]
        ),
    ]
