from django.urls import path

from vouchers.outreach import public, survey_views

app_name = "outreach"
urlpatterns = [
    path("comunicacao/respostas/", survey_views.SurveyAnswerListView.as_view(), name="answers"),
    path("api/whatsapp/<str:token>/", public.WebhookView.as_view(), name="webhook"),
    path("sair/<str:token>/", public.OptOutView.as_view(), name="opt_out"),
    path("pesquisa/<str:token>/", public.SurveyView.as_view(), name="survey"),
]
