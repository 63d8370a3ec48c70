from django.urls import URLPattern

app_name = "reversals"
urlpatterns: list[URLPattern] = []
