from django.urls import path

from smartbis_admin.writes import views

app_name = "writes"
urlpatterns = [
    path("a-confirmar/", views.InDoubtListView.as_view(), name="in_doubt"),
    path("a-confirmar/<uuid:pk>/", views.WriteDetailView.as_view(), name="detail"),
    path("a-confirmar/<uuid:pk>/consultar/", views.LookView.as_view(), name="look"),
    path("a-confirmar/<uuid:pk>/resolver/", views.SettleView.as_view(), name="settle"),
    path("a-confirmar/<uuid:pk>/liberar/", views.ReleaseView.as_view(), name="release"),
]
