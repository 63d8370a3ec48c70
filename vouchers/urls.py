from django.urls import include, path

from vouchers import redeemed, sheet, views
from vouchers.till import policy

app_name = "vouchers"
urlpatterns = [
    path("caixa/", include("vouchers.till.urls")),
    path("vouchers/", views.VoucherListView.as_view(), name="list"),
    path("vouchers/folha/", sheet.SheetView.as_view(), name="sheet"),
    path("vouchers/resgatados/", redeemed.RedeemedListView.as_view(), name="redeemed"),
    path("vouchers/<int:pk>/", views.VoucherDetailView.as_view(), name="detail"),
    path("vouchers/<int:pk>/marcar/", policy.FlagView.as_view(), name="flag"),
    path("vouchers/<int:pk>/desmarcar/", policy.UnflagView.as_view(), name="unflag"),
]
