from django.urls import path

from vouchers.reversals import views

app_name = "reversals"
urlpatterns = [
    path("estornos/", views.ReversalListView.as_view(), name="list"),
    path("estornos/<int:pk>/", views.ReversalDetailView.as_view(), name="detail"),
    path("estornos/<int:pk>/aprovar/", views.ApproveView.as_view(), name="approve"),
    path("estornos/<int:pk>/negar/", views.DeclineView.as_view(), name="decline"),
    path("estornos/<int:pk>/confirmar/", views.ConfirmView.as_view(), name="confirm"),
    path("estornos/pedir/<uuid:pk>/", views.OpenCaseView.as_view(), name="open"),
]
