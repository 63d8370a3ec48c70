"""Smartbis paths, below the vendor's prefix. A `path` converter lets a code or an id hold an encoded
slash."""

from django.urls import path

from sandbox.smartbis import views

urlpatterns = [
    path("auth/token", views.token),
    path("customers", views.calls(GET=views.list_customers, POST=views.create_customer)),
    path("sales", views.calls(POST=views.register_sale)),
    path("coupons", views.calls(GET=views.list_coupons)),
    path("coupons/<path:coupon_id>/stock", views.calls(PATCH=views.set_stock)),
    path("vouchers", views.calls(GET=views.list_vouchers)),
    path("vouchers/<path:voucher_code>/validate", views.calls(POST=views.validate_voucher)),
    path("categories", views.calls(GET=views.list_categories, POST=views.create_category)),
]
