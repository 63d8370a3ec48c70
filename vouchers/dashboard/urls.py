from django.urls import path

from vouchers.dashboard import views

urlpatterns = [path("", views.HomeView.as_view(), name="home")]
