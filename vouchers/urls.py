from django.urls import include, path

from vouchers import views
from vouchers.till import policy

app_name = "vouchers"
urlpatterns = [
    path("vouchers/", views.VoucherListView.as_view(), name="list"),
    path("vouchers/<int:pk>/", views.VoucherDetailView.as_view(), name="detail"),
    path("vouchers/<int:pk>/marcar/", policy.FlagView.as_view(), name="flag"),
    path("vouchers/<int:pk>/desmarcar/", policy.UnflagView.as_view(), name="unflag"),
    path("caixa/", include("vouchers.till.urls")),
]
