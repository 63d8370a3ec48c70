from django.urls import path

from smartbis_admin.sync import views

app_name = "sync"
urlpatterns = [
    path("sincronizacao/", views.OverviewView.as_view(), name="overview"),
    path("sincronizacao/historico/", views.RunListView.as_view(), name="runs"),
    path("sincronizacao/historico/<int:pk>/", views.RunDetailView.as_view(), name="run"),
    path("sincronizacao/historico/<int:pk>/cancelar/", views.CancelView.as_view(), name="cancel"),
    path("sincronizacao/historico/<int:pk>/retirar/", views.AcceptView.as_view(), name="accept"),
    path("sincronizacao/historico/<int:pk>/manter/", views.DismissView.as_view(), name="dismiss"),
    path("sincronizacao/<int:connection>/pedir/", views.RequestView.as_view(), name="request"),
]
