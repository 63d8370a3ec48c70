from django.urls import path

from customers.wallet import views

app_name = "wallet"
urlpatterns = [
    path("clientes/carteira/cadastrar/", views.PersonCreateView.as_view(), name="create"),
    path("clientes/<int:pk>/carteira/alterar/", views.PersonEditView.as_view(), name="edit"),
    path("clientes/<int:pk>/carteira/excluir/", views.PersonDeleteView.as_view(), name="delete"),
    path("clientes/<int:pk>/carteira/pontos/", views.PointsView.as_view(), name="points"),
]
