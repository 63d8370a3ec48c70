from django.urls import path

from customers.persons import views

app_name = "persons"
urlpatterns = [
    path("clientes/<int:pk>/e-tambem/<int:other>/", views.SameView.as_view(), name="same"),
    path("clientes/<int:pk>/e-outra/<int:other>/", views.OtherView.as_view(), name="other"),
    path("clientes/<int:pk>/retirar/<int:other>/", views.TakeBackView.as_view(), name="take_back"),
]
