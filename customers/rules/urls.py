from django.urls import path

from customers.rules.views import campaigns, simulations, versions

app_name = "rules"
urlpatterns = [
    path("regra/", versions.OverviewView.as_view(), name="overview"),
    path("regra/<int:pk>/alterar/", versions.EditView.as_view(), name="edit"),
    path("regra/<int:pk>/alterar/leitura/", versions.PreviewView.as_view(), name="preview"),
    path("regra/versoes/<int:pk>/cancelar/", versions.CancelView.as_view(), name="cancel"),
    path("regra/simulacoes/<int:pk>/", simulations.SimulationView.as_view(), name="simulation"),
    path("regra/simulacoes/<int:pk>/vendas/", simulations.LinesView.as_view(), name="simulation_lines"),
    path("regra/campanhas/", campaigns.CampaignListView.as_view(), name="campaign_list"),
    path("regra/campanhas/criar/", campaigns.CampaignCreateView.as_view(), name="campaign_create"),
    path("regra/campanhas/leitura/", campaigns.CampaignPreviewView.as_view(), name="campaign_preview"),
    path("regra/campanhas/<int:pk>/", campaigns.CampaignDetailView.as_view(), name="campaign"),
    path("regra/campanhas/<int:pk>/alterar/", campaigns.CampaignEditView.as_view(), name="campaign_edit"),
    path("regra/campanhas/<int:pk>/encerrar/", campaigns.CampaignEndView.as_view(), name="campaign_end"),
]
