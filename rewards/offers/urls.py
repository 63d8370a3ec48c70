from django.urls import path

from rewards.offers import views

app_name = "offers"
urlpatterns = [
    path("ofertas/", views.OfferListView.as_view(), name="list"),
    path("ofertas/criar/", views.OfferCreateView.as_view(), name="create"),
    path("ofertas/<int:pk>/", views.OfferDetailView.as_view(), name="detail"),
    path("ofertas/<int:pk>/alterar/", views.OfferEditView.as_view(), name="edit"),
    path("ofertas/<int:pk>/publicar/", views.OfferPublishView.as_view(), name="publish"),
    path("ofertas/<int:pk>/cancelar/", views.OfferCancelView.as_view(), name="cancel"),
    path("ofertas/<int:pk>/excluir/", views.OfferDeleteView.as_view(), name="delete"),
]
