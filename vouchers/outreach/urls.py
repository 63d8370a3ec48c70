from django.urls import path

from vouchers.outreach import public
from vouchers.outreach.views import automations, campaign_steps, campaigns, log, overview, texts

app_name = "outreach"
urlpatterns = [
    path("api/whatsapp/<str:token>/", public.WebhookView.as_view(), name="webhook"),
    path("sair/<str:token>/", public.OptOutView.as_view(), name="opt_out"),
    path("pesquisa/<str:token>/", public.SurveyView.as_view(), name="survey"),
    path("comunicacao/", overview.OverviewView.as_view(), name="overview"),
    path("comunicacao/pausar/", overview.PauseAllView.as_view(), name="pause_all"),
    path("comunicacao/continuar/", overview.ResumeAllView.as_view(), name="resume_all"),
    path("comunicacao/preferencias/", overview.PreferencesView.as_view(), name="preferences"),
    path("comunicacao/consentimentos/", overview.ConsentsView.as_view(), name="consents"),
    path("comunicacao/automatica/<str:trigger>/", automations.AutomationView.as_view(), name="automation"),
    path("comunicacao/automatica/<str:trigger>/ligar/", automations.SwitchOnView.as_view(), name="switch_on"),
    path(
        "comunicacao/automatica/<str:trigger>/desligar/",
        automations.SwitchOffView.as_view(),
        name="switch_off",
    ),
    path("comunicacao/automatica/<str:trigger>/alcance/", automations.ReachView.as_view(), name="reach"),
    path("comunicacao/textos/", texts.TextListView.as_view(), name="text_list"),
    path("comunicacao/textos/novo/", texts.TextCreateView.as_view(), name="text_create"),
    path("comunicacao/textos/padrao/", overview.UseDefaultsView.as_view(), name="use_defaults"),
    path(
        "comunicacao/textos/<str:trigger>/<str:channel>/<str:language>/",
        texts.TextEditView.as_view(),
        name="text",
    ),
    path("comunicacao/campanhas/", campaigns.CampaignListView.as_view(), name="campaign_list"),
    path("comunicacao/campanhas/criar/", campaign_steps.CampaignCreateView.as_view(), name="campaign_create"),
    path("comunicacao/campanhas/publico/", campaign_steps.AudienceView.as_view(), name="audience"),
    path("comunicacao/campanhas/<int:pk>/", campaigns.CampaignView.as_view(), name="campaign"),
    path(
        "comunicacao/campanhas/<int:pk>/andamento/",
        campaigns.CampaignProgressView.as_view(),
        name="campaign_progress",
    ),
    path(
        "comunicacao/campanhas/<int:pk>/contar/",
        campaigns.CampaignRecountView.as_view(),
        name="campaign_recount",
    ),
    path(
        "comunicacao/campanhas/<int:pk>/pausar/", campaigns.CampaignPauseView.as_view(), name="campaign_pause"
    ),
    path(
        "comunicacao/campanhas/<int:pk>/continuar/",
        campaigns.CampaignResumeView.as_view(),
        name="campaign_resume",
    ),
    path(
        "comunicacao/campanhas/<int:pk>/interromper/",
        campaigns.CampaignStopView.as_view(),
        name="campaign_stop",
    ),
    path("comunicacao/mensagens/", log.MessageListView.as_view(), name="message_list"),
    path("comunicacao/mensagens/<uuid:pk>/", log.MessageView.as_view(), name="message"),
    path("comunicacao/mensagens/<uuid:pk>/resolver/", log.SettleView.as_view(), name="settle"),
    path("comunicacao/recebidas/", log.IncomingListView.as_view(), name="incoming_list"),
    path("comunicacao/respostas/", log.AnswerListView.as_view(), name="answer_list"),
    path("comunicacao/resultados/", log.ResultsView.as_view(), name="results"),
    path("comunicacao/resultados/detalhe/", log.ResultsPartView.as_view(), name="results_part"),
]
