from django.urls import path

from customers.points import views

app_name = "points"
urlpatterns = [
    path("clientes/<int:pk>/pontos/", views.StatementView.as_view(), name="statement"),
    path("clientes/<int:pk>/pontos/ajustar/", views.AdjustView.as_view(), name="adjust"),
    path("clientes/<int:pk>/pontos/atividade/", views.ActivityView.as_view(), name="activity"),
]
