"""Smile's paths, below the vendor's prefix; what is not here is a 404 in JSON."""

from django.urls import path, re_path

from sandbox.smile import views
from sandbox.smile.sessions import APP_ONLY, Route, calls

urlpatterns = [
    path("v1/customers", calls(GET=Route(views.list_customers, "customer:read"))),
    path("v1/customers/<str:customer_id>", calls(GET=Route(views.get_customer, "customer:read"))),
    path("v1/points_products", calls(GET=Route(views.list_points_products, "points_product:read"))),
    path(
        "v1/points_products/<str:product_id>",
        calls(GET=Route(views.get_points_product, "points_product:read")),
    ),
    path(
        "v1/points_products/<str:product_id>/purchase",
        calls(POST=Route(views.purchase, "points_purchase:write")),
    ),
    path(
        "v1/points_transactions",
        calls(
            GET=Route(views.list_points_transactions, "points_transaction:read"),
            POST=Route(views.create_points_transaction, "points_transaction:write"),
        ),
    ),
    path(
        "v1/points_transactions/<str:transaction_id>",
        calls(GET=Route(views.get_points_transaction, "points_transaction:read")),
    ),
    path("v1/activities", calls(POST=Route(views.create_activity, "activity:write"))),
    path(
        "v1/reward_fulfillments",
        calls(GET=Route(views.list_reward_fulfillments, "reward_fulfillment:read", old=False)),
    ),
    path("v1/earning_rules", calls(GET=Route(views.list_earning_rules, "earning_rule:read", old=False))),
    path("v1/vip_tiers", calls(GET=Route(views.list_vip_tiers, "vip_tier:read", old=False))),
    path(
        "v1/points_settings", calls(GET=Route(views.get_points_settings, "points_settings:read", old=False))
    ),
    path(
        "v1/customer_identities/create_or_update",
        calls(POST=Route(views.create_or_update_identity, APP_ONLY, old=False)),
    ),
    re_path(r"", calls()),
]
