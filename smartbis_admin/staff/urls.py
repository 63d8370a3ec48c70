from django.urls import path

from smartbis_admin.staff import store_views, views

app_name = "staff"
urlpatterns = [
    path("entrar/", views.LoginView.as_view(), name="login"),
    path("sair/", views.LogoutView.as_view(), name="logout"),
    path("idioma/", views.LanguageView.as_view(), name="language"),
    path("saude/", views.HealthView.as_view(), name="health"),
    path("lojas/", store_views.StoreListView.as_view(), name="store_list"),
    path("lojas/nova/", store_views.StoreCreateView.as_view(), name="store_create"),
    path("lojas/<int:pk>/", store_views.StoreDetailView.as_view(), name="store_detail"),
    path("lojas/<int:pk>/editar/", store_views.StoreEditView.as_view(), name="store_edit"),
    path("lojas/<int:pk>/regras/", store_views.StoreRulesView.as_view(), name="store_rules"),
    path("lojas/<int:pk>/pontos/novo/", store_views.TillCreateView.as_view(), name="till_create"),
    path("pontos-de-caixa/<int:pk>/editar/", store_views.TillEditView.as_view(), name="till_edit"),
    path("meu-pin/", store_views.OwnPinView.as_view(), name="pin"),
]
