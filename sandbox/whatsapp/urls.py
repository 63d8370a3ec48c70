"""WhatsApp's paths, below the vendor's prefix, under any version of the Graph API."""

from django.urls import path, re_path

from sandbox.whatsapp import views
from sandbox.whatsapp.views import calls

OBJECT = "<str:version>/<str:object_id>"

urlpatterns = [
    path(f"{OBJECT}/messages", calls(POST=views.send_message)),
    path(f"{OBJECT}/message_templates", calls(GET=views.list_templates)),
    path(OBJECT, calls(GET=views.get_object)),
    re_path(r"", calls()),
]
