from django.urls import path

from rewards import views

app_name = "rewards"
urlpatterns = [
    path("recompensas/", views.RewardListView.as_view(), name="list"),
    path("recompensas/<int:pk>/", views.RewardDetailView.as_view(), name="detail"),
    path("recompensas/<int:pk>/estoque/", views.StockView.as_view(), name="stock"),
    path("categorias/", views.CategoryListView.as_view(), name="category_list"),
    path("categorias/criar/", views.CategoryCreateView.as_view(), name="category_create"),
]
