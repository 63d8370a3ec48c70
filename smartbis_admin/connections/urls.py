from django.urls import path

from smartbis_admin.connections import secret_views, views

app_name = "connections"
urlpatterns = [
    path("integracoes/", views.ConnectionListView.as_view(), name="list"),
    path("integracoes/nova/<slug:provider>/", views.ConnectionCreateView.as_view(), name="create"),
    path("integracoes/<int:pk>/", views.ConnectionDetailView.as_view(), name="detail"),
    path("integracoes/<int:pk>/testar/", views.ConnectionTestView.as_view(), name="test"),
    path("integracoes/<int:pk>/editar/", views.ConnectionEditView.as_view(), name="edit"),
    path("integracoes/<int:pk>/segredo/", secret_views.PushSecretView.as_view(), name="push_secret"),
    path(
        "integracoes/<int:pk>/segredo/aposentar/",
        secret_views.RetireSecretView.as_view(),
        name="retire_secret",
    ),
    path("integracoes/<int:pk>/credenciais/", views.CredentialsView.as_view(), name="credentials"),
]
