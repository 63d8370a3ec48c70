from django.urls import path

from customers.views import care, counter, detail, people, sales, tags, timeline

app_name = "customers"
urlpatterns = [
    path("clientes/", people.CustomerListView.as_view(), name="list"),
    path("clientes/cadastrar/", people.CustomerCreateView.as_view(), name="create"),
    path("clientes/consultar/", counter.LookupView.as_view(), name="lookup"),
    path("clientes/<int:pk>/", detail.CustomerDetailView.as_view(), name="detail"),
    path("clientes/<int:pk>/atualizar/", detail.CustomerRefreshView.as_view(), name="refresh"),
    path("clientes/<int:pk>/venda/", sales.SaleCreateView.as_view(), name="sale"),
    path("clientes/<int:pk>/venda/estimativa/", sales.EstimateView.as_view(), name="estimate"),
    path("clientes/etiquetas/", tags.TagListView.as_view(), name="tag_list"),
    path("clientes/etiquetas/criar/", tags.TagCreateView.as_view(), name="tag_create"),
    path("clientes/etiquetas/<int:pk>/", tags.TagEditView.as_view(), name="tag_edit"),
    path("clientes/etiquetas/<int:pk>/arquivar/", tags.TagArchiveView.as_view(), name="tag_archive"),
    path("clientes/etiquetas/<int:pk>/restaurar/", tags.TagRestoreView.as_view(), name="tag_restore"),
    path("clientes/<int:pk>/historico/", timeline.TimelineView.as_view(), name="timeline"),
    path("clientes/<int:pk>/notas/", care.NoteCreateView.as_view(), name="note_create"),
    path("clientes/<int:pk>/notas/<int:note>/", care.NoteEditView.as_view(), name="note_edit"),
    path("clientes/<int:pk>/notas/<int:note>/apagar/", care.NoteDeleteView.as_view(), name="note_delete"),
    path(
        "clientes/<int:pk>/notas/<int:note>/recuperar/", care.NoteRestoreView.as_view(), name="note_restore"
    ),
    path("clientes/<int:pk>/etiqueta/", care.TagPutView.as_view(), name="tag_put"),
    path("clientes/<int:pk>/etiqueta/<int:tag>/tirar/", care.TagTakeView.as_view(), name="tag_take"),
    path("clientes/<int:pk>/etiqueta/<int:tag>/devolver/", care.TagBackView.as_view(), name="tag_back"),
    path("clientes/<int:pk>/consentimento/", care.ConsentCreateView.as_view(), name="consent_create"),
    path("clientes/<int:pk>/nao-e/<int:other>/", care.NotSameView.as_view(), name="not_same"),
    path("vendas/", sales.SaleListView.as_view(), name="sale_list"),
    path("vendas/<uuid:write>/", sales.SaleDetailView.as_view(), name="sale_detail"),
]
