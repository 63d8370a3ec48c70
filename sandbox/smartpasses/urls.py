"""Smart Passes' paths, below the vendor's prefix; what is not here is a 404 in JSON."""

from django.urls import path, re_path

from sandbox.smartpasses import views
from sandbox.smartpasses.views import calls

PROGRAM = "programs/<str:program_id>"
CUSTOMER = f"{PROGRAM}/customers/<str:customer_id>"
OFFER = f"{PROGRAM}/offers/<str:offer_id>"

urlpatterns = [
    path(f"{PROGRAM}/customers", calls(GET=views.list_customers, POST=views.create_customer)),
    path(
        CUSTOMER,
        calls(GET=views.get_customer, PUT=views.update_customer, DELETE=views.delete_customer),
    ),
    path(f"{CUSTOMER}/points/add", calls(POST=views.add_points)),
    path(f"{PROGRAM}/offers", calls(GET=views.list_offers, POST=views.create_offer)),
    path(OFFER, calls(POST=views.update_offer, DELETE=views.delete_offer)),
    path(f"{OFFER}/publish", calls(POST=views.publish_offer)),
    path(f"{OFFER}/cancel", calls(POST=views.cancel_offer)),
    re_path(r"", calls()),
]
