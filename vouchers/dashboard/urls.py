from django.urls import path

from vouchers.dashboard import views

urlpatterns = [
    path("", views.HomeView.as_view(), name="home"),
    path("painel/<slug:key>/", views.FigureView.as_view(), name="figure"),
    path("painel/vendas-recuperadas/<slug:span>/", views.RecoveredListView.as_view(), name="recovered"),
]
