from django.urls import path

from customers.bridge.endpoint import PushView

app_name = "bridge"
urlpatterns = [
    path("api/smartpos/<str:token>/", PushView.as_view(), name="push"),
]
