"""Included under `caixa/` by the vouchers app, in its namespace."""

from django.urls import path

from vouchers.till import offline, shift_views, views

urlpatterns = [
    path("", views.TillView.as_view(), name="till"),
    path("ponto/", views.PlaceView.as_view(), name="till_place"),
    path("ler/", views.ScanView.as_view(), name="till_scan"),
    path("ler/venda/", views.AmountView.as_view(), name="till_amount"),
    path("app.webmanifest", offline.ManifestView.as_view(), name="till_manifest"),
    path("worker.js", offline.WorkerView.as_view(), name="till_worker"),
    path("sem-internet/", offline.ShellView.as_view(), name="till_shell"),
    path("leituras/", views.StatusView.as_view(), name="till_status"),
    path("leituras/<uuid:pk>/", views.TillView.as_view(), name="till_verdict"),
    path("turno/abrir/", shift_views.OpenShiftView.as_view(), name="shift_open"),
    path("turno/desbloquear/", shift_views.UnlockView.as_view(), name="shift_unlock"),
    path("turno/trocar/", shift_views.SwitchView.as_view(), name="shift_switch"),
    path("turno/encerrar/", shift_views.CloseShiftView.as_view(), name="shift_close"),
    path("turnos/", shift_views.ShiftListView.as_view(), name="shift_list"),
    path("turnos/<int:pk>/", shift_views.ShiftView.as_view(), name="shift"),
    path("turnos/<int:pk>/encerrar/", shift_views.EndShiftView.as_view(), name="shift_end"),
    path("turnos/leituras/", shift_views.ScanListView.as_view(), name="scan_list"),
]
