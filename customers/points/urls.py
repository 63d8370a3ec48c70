from django.urls import path

from customers.points import programme_views, views

app_name = "points"
urlpatterns = [
    path("niveis/", programme_views.TierListView.as_view(), name="tiers"),
    path("regras-de-pontos/", programme_views.EarningRuleListView.as_view(), name="rules"),
    path("clientes/<int:pk>/pontos/", views.StatementView.as_view(), name="statement"),
    path("clientes/<int:pk>/pontos/ajustar/", views.AdjustView.as_view(), name="adjust"),
    path("clientes/<int:pk>/pontos/atividade/", views.ActivityView.as_view(), name="activity"),
]
