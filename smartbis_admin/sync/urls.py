from django.urls import path

from smartbis_admin.sync import views
from smartbis_admin.sync.drift import views as drift

app_name = "sync"
urlpatterns = [
    path("sincronizacao/", views.OverviewView.as_view(), name="overview"),
    path("sincronizacao/historico/", views.RunListView.as_view(), name="runs"),
    path("sincronizacao/historico/<int:pk>/", views.RunDetailView.as_view(), name="run"),
    path("sincronizacao/historico/<int:pk>/cancelar/", views.CancelView.as_view(), name="cancel"),
    path("sincronizacao/historico/<int:pk>/retirar/", views.AcceptView.as_view(), name="accept"),
    path("sincronizacao/historico/<int:pk>/manter/", views.DismissView.as_view(), name="dismiss"),
    path("sincronizacao/<int:connection>/pedir/", views.RequestView.as_view(), name="request"),
    path("sincronizacao/<int:connection>/pausar/", views.PauseView.as_view(), name="pause"),
    path("sincronizacao/agenda/", views.ScheduleView.as_view(), name="schedule"),
    path("sincronizacao/avisos/", views.MailView.as_view(), name="mail"),
    path("sincronizacao/divergencias/", drift.DriftListView.as_view(), name="drift"),
    path("sincronizacao/divergencias/<int:pk>/", drift.DriftDetailView.as_view(), name="drift_detail"),
    path(
        "sincronizacao/divergencias/<int:pk>/conferir/",
        drift.AcknowledgeOneView.as_view(),
        name="drift_acknowledge",
    ),
    path("sincronizacao/divergencias/<int:pk>/ler/", drift.ReadAgainView.as_view(), name="drift_read"),
    path("sincronizacao/divergencias/<int:pk>/corrigir/", drift.RepairView.as_view(), name="drift_repair"),
]
