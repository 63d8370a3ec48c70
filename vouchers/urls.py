from django.urls import path

from vouchers import views

app_name = "vouchers"
urlpatterns = [
    path("vouchers/", views.VoucherListView.as_view(), name="list"),
    path("vouchers/<int:pk>/", views.VoucherDetailView.as_view(), name="detail"),
]
