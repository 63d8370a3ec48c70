from django.urls import path, re_path

from vouchers.dashboard import views

urlpatterns = [
    path("", views.HomeView.as_view(), name="home"),
    re_path(
        r"^painel/vendas-recuperadas/(?P<span>month|today)/$",
        views.RecoveredListView.as_view(),
        name="recovered",
    ),
    path("painel/<slug:key>/", views.FigureView.as_view(), name="figure"),
]
