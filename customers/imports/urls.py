from django.urls import path

from customers.imports import views

app_name = "imports"
urlpatterns = [
    path("importacoes/", views.ImportListView.as_view(), name="list"),
    path("importacoes/nova/", views.UploadView.as_view(), name="upload"),
    path("importacoes/<int:pk>/", views.ImportDetailView.as_view(), name="detail"),
    path("importacoes/<int:pk>/andamento/", views.ProgressView.as_view(), name="progress"),
    path("importacoes/<int:pk>/colunas/", views.ColumnsView.as_view(), name="columns"),
    path("importacoes/<int:pk>/enviar/", views.StartView.as_view(), name="start"),
    path("importacoes/<int:pk>/pausar/", views.PauseView.as_view(), name="pause"),
    path("importacoes/<int:pk>/desfazer/", views.UndoView.as_view(), name="undo"),
    path("importacoes/<int:pk>/descartar/", views.DiscardView.as_view(), name="discard"),
    path("importacoes/<int:pk>/correcoes/", views.ErrorFileView.as_view(), name="errors"),
]
