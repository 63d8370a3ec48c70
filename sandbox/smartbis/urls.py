"""Smartbis paths, below the vendor's prefix."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from sandbox.smartbis import views


class AnyText(StringConverter):
    """A code or an id may hold whatever can be percent-encoded, slashes and line ends included."""

    regex = r"[\s\S]+"


register_converter(AnyText, "any")

urlpatterns = [
    path("auth/token", views.token),
    path("customers", views.calls(GET=views.list_customers, POST=views.create_customer)),
    path("sales", views.calls(POST=views.register_sale)),
    path("coupons", views.calls(GET=views.list_coupons)),
    path("coupons/<any:coupon_id>/stock", views.calls(PATCH=views.set_stock)),
    path("vouchers", views.calls(GET=views.list_vouchers)),
    path("vouchers/<any:voucher_code>/validate", views.calls(POST=views.validate_voucher)),
    path("categories", views.calls(GET=views.list_categories, POST=views.create_category)),
]
