from django.urls import path

from vouchers.contingency import endpoints, views

app_name = "contingency"
urlpatterns = [
    path("caixa/contingencia/sinal/", endpoints.SignalView.as_view(), name="signal"),
    path("caixa/contingencia/retrato/", endpoints.SnapshotView.as_view(), name="snapshot"),
    path("caixa/contingencia/entrega/", endpoints.DeliveryView.as_view(), name="delivery"),
    path("caixa/contingencia/liberar/", views.ReleaseView.as_view(), name="release"),
    path("caixa/turnos/<int:pk>/revogar/", views.RevokeView.as_view(), name="revoke"),
    path("contingencia/", views.ContingencyListView.as_view(), name="list"),
    path("contingencia/<uuid:pk>/", views.ContingencyDetailView.as_view(), name="detail"),
    path("contingencia/<uuid:pk>/resolver/", views.ResolveView.as_view(), name="resolve"),
    path("contingencia/<uuid:pk>/enviar/", views.SendAgainView.as_view(), name="send"),
]
