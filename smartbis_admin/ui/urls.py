from django.urls import path

from smartbis_admin.ui import saved_views
from smartbis_admin.ui.bulk.views import BulkJobView
from smartbis_admin.ui.omnibox import SearchView

urlpatterns = [
    path("buscar/", SearchView.as_view(), name="search"),
    path("lote/<uuid:pk>/", BulkJobView.as_view(), name="bulk"),
    path("visoes/salvar/", saved_views.SaveView.as_view(), name="save_view"),
    path("visoes/<int:pk>/apagar/", saved_views.DeleteView.as_view(), name="delete_view"),
    path("visoes/colunas/", saved_views.ColumnsView.as_view(), name="choose_columns"),
]
