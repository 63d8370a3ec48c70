from django.urls import include, path

from vouchers import views

app_name = "vouchers"
urlpatterns = [
    path("vouchers/", views.VoucherListView.as_view(), name="list"),
    path("vouchers/<int:pk>/", views.VoucherDetailView.as_view(), name="detail"),
    path("caixa/", include("vouchers.till.urls")),
]
