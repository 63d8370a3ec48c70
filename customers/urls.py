from django.urls import path

from customers.views import counter, people, sales

app_name = "customers"
urlpatterns = [
    path("clientes/", people.CustomerListView.as_view(), name="list"),
    path("clientes/cadastrar/", people.CustomerCreateView.as_view(), name="create"),
    path("clientes/consultar/", counter.LookupView.as_view(), name="lookup"),
    path("clientes/<int:pk>/", people.CustomerDetailView.as_view(), name="detail"),
    path("clientes/<int:pk>/atualizar/", people.CustomerRefreshView.as_view(), name="refresh"),
    path("clientes/<int:pk>/venda/", sales.SaleCreateView.as_view(), name="sale"),
    path("clientes/<int:pk>/venda/estimativa/", sales.EstimateView.as_view(), name="estimate"),
    path("vendas/", sales.SaleListView.as_view(), name="sale_list"),
    path("vendas/<uuid:write>/", sales.SaleDetailView.as_view(), name="sale_detail"),
]
