from django.urls import path

from vouchers.elsewhere import views

app_name = "elsewhere"
urlpatterns = [
    path("caixa/leituras/<uuid:pk>/anotar/", views.NoteView.as_view(), name="note"),
    path("usos-anotados/", views.LocalUseListView.as_view(), name="list"),
    path("usos-anotados/<uuid:pk>/retirar/", views.TakeBackView.as_view(), name="take_back"),
]
