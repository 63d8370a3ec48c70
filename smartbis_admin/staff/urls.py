from django.urls import path

from smartbis_admin.staff import views

app_name = "staff"
urlpatterns = [
    path("entrar/", views.LoginView.as_view(), name="login"),
    path("sair/", views.LogoutView.as_view(), name="logout"),
    path("idioma/", views.LanguageView.as_view(), name="language"),
    path("saude/", views.HealthView.as_view(), name="health"),
]
