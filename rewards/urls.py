from django.urls import path

from rewards.views import categories, rewards, stock

app_name = "rewards"
urlpatterns = [
    path("recompensas/", rewards.RewardListView.as_view(), name="list"),
    path("recompensas/estoque/", stock.StockFileView.as_view(), name="stock_file"),
    path("recompensas/<int:pk>/", rewards.RewardDetailView.as_view(), name="detail"),
    path("recompensas/<int:pk>/estoque/", stock.StockView.as_view(), name="stock"),
    path("recompensas/<int:pk>/aviso/", stock.LowStockView.as_view(), name="low_stock"),
    path("categorias/", categories.CategoryListView.as_view(), name="category_list"),
    path("categorias/criar/", categories.CategoryCreateView.as_view(), name="category_create"),
]
