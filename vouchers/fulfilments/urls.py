from django.urls import path

from vouchers.fulfilments import views

app_name = "fulfilments"
urlpatterns = [
    path("resgates/", views.FulfilmentListView.as_view(), name="list"),
    path("resgates/<int:pk>/", views.FulfilmentDetailView.as_view(), name="detail"),
]
