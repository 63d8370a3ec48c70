"""SmartPOS' paths, below the vendor's prefix; what is not here is a 404 in JSON."""

from django.urls import path, re_path

from sandbox.smartpos import views
from sandbox.smartpos.views import calls

urlpatterns = [
    path("v1/authorize", calls(public=True, POST=views.authorize)),
    path("v1/sales", calls(GET=views.list_sales)),
    path("v1/machines", calls(GET=views.list_machines)),
    path("v1/customers", calls(GET=views.list_customers)),
    path("panel/vendas.csv", calls(public=True, GET=views.print_sales("csv"))),
    path("panel/vendas.xlsx", calls(public=True, GET=views.print_sales("xlsx"))),
    re_path(r"", calls(public=True)),
]
