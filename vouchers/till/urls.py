"""Included under `caixa/` by the vouchers app, in its namespace."""

from django.urls import path

from vouchers.till import views

urlpatterns = [
    path("", views.TillView.as_view(), name="till"),
    path("ponto/", views.PlaceView.as_view(), name="till_place"),
    path("ler/", views.ScanView.as_view(), name="till_scan"),
    path("leituras/", views.StatusView.as_view(), name="till_status"),
    path("leituras/<uuid:pk>/", views.TillView.as_view(), name="till_verdict"),
]
