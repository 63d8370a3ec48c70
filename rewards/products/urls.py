from django.urls import path

from rewards.products import views

app_name = "products"
urlpatterns = [
    path("produtos-de-pontos/", views.ProductListView.as_view(), name="list"),
    path("clientes/<int:pk>/trocar/", views.ChooseView.as_view(), name="choose"),
    path("clientes/<int:pk>/trocar/<int:product>/", views.BuyView.as_view(), name="buy"),
    path("trocas/<uuid:pk>/", views.PurchaseView.as_view(), name="purchase"),
]
