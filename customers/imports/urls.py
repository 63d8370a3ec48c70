from django.urls import path

from customers.imports.views import acts, one, upload

app_name = "imports"
urlpatterns = [
    path("importacoes/", upload.ImportListView.as_view(), name="list"),
    path("importacoes/nova/", upload.UploadView.as_view(), name="upload"),
    path("importacoes/<int:pk>/", one.ImportDetailView.as_view(), name="detail"),
    path("importacoes/<int:pk>/andamento/", one.ProgressView.as_view(), name="progress"),
    path("importacoes/<int:pk>/colunas/", upload.ColumnsView.as_view(), name="columns"),
    path("importacoes/<int:pk>/enviar/", acts.StartView.as_view(), name="start"),
    path("importacoes/<int:pk>/pausar/", acts.PauseView.as_view(), name="pause"),
    path("importacoes/<int:pk>/desfazer/", acts.UndoView.as_view(), name="undo"),
    path("importacoes/<int:pk>/descartar/", acts.DiscardView.as_view(), name="discard"),
    path("importacoes/<int:pk>/correcoes/", one.ErrorFileView.as_view(), name="errors"),
]
