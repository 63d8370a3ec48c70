from django.urls import path

from customers.bridge.endpoint import PushView
from customers.bridge.views import acts, assistant, files, inbox, issues, machines, reference

app_name = "bridge"
urlpatterns = [
    path("api/smartpos/<str:token>/", PushView.as_view(), name="push"),
    path("maquininhas/", inbox.PosSaleListView.as_view(), name="list"),
    path("maquininhas/<int:pk>/", inbox.PosSaleDetailView.as_view(), name="detail"),
    path("maquininhas/<int:pk>/cliente/", acts.LinkView.as_view(), name="link"),
    path("maquininhas/<int:pk>/cadastrar/", acts.CreateCustomerView.as_view(), name="create_customer"),
    path("maquininhas/<int:pk>/descartar/", acts.DiscardView.as_view(), name="discard"),
    path("maquininhas/<int:pk>/liberar/", acts.OverruleView.as_view(), name="overrule"),
    path("maquininhas/<int:pk>/corrigir/", acts.CorrectView.as_view(), name="correct"),
    path("maquininhas/<int:pk>/estorno/", acts.ReverseView.as_view(), name="reverse"),
    path("maquininhas/<int:pk>/conferida/<slug:flag>/", acts.SeenView.as_view(), name="seen"),
    path("maquininhas/cadastro/", machines.MachineListView.as_view(), name="machines"),
    path("maquininhas/cadastro/<int:pk>/", machines.MachineView.as_view(), name="machine"),
    path("maquininhas/lojas/", machines.StoreListView.as_view(), name="stores"),
    path("maquininhas/lojas/<int:pk>/", machines.StoreView.as_view(), name="store"),
    path("maquininhas/arquivos/", files.PosFileListView.as_view(), name="files"),
    path("maquininhas/arquivos/novo/", files.UploadView.as_view(), name="upload"),
    path("maquininhas/arquivos/<int:pk>/", files.PosFileDetailView.as_view(), name="file"),
    path("maquininhas/arquivos/<int:pk>/importar/", files.FileStartView.as_view(), name="file_start"),
    path("maquininhas/arquivos/<int:pk>/descartar/", files.FileDiscardView.as_view(), name="file_discard"),
    path("maquininhas/arquivos/<int:pk>/erros/", files.FileErrorsView.as_view(), name="file_errors"),
    path("maquininhas/problemas/", issues.FeedIssueListView.as_view(), name="issues"),
    path("maquininhas/assistente/", assistant.AssistantsView.as_view(), name="assistants"),
    path("maquininhas/assistente/<int:pk>/", assistant.AssistantView.as_view(), name="assistant"),
    path("maquininhas/assistente/<int:pk>/inicio/", assistant.StartStepView.as_view(), name="step_start"),
    path(
        "maquininhas/assistente/<int:pk>/autorizacao/",
        assistant.BridgeStepView.as_view(),
        name="step_bridge",
    ),
    path("maquininhas/assistente/<int:pk>/regra/", assistant.RulesStepView.as_view(), name="step_rules"),
    path(
        "maquininhas/assistente/<int:pk>/teste/",
        reference.ValidationStepView.as_view(),
        name="step_validation",
    ),
    path(
        "maquininhas/assistente/<int:pk>/mensagens/",
        assistant.OperationStepView.as_view(),
        name="step_operation",
    ),
    path("maquininhas/assistente/<int:pk>/autorizar/", assistant.AuthoriseView.as_view(), name="authorise"),
    path("maquininhas/assistente/<int:pk>/ler/", reference.PullNowView.as_view(), name="pull_now"),
    path(
        "maquininhas/assistente/<int:pk>/teste/comecar/",
        reference.ReferenceStartView.as_view(),
        name="reference_start",
    ),
    path(
        "maquininhas/assistente/<int:pk>/teste/<int:sale>/",
        reference.ReferencePickView.as_view(),
        name="reference_pick",
    ),
]
