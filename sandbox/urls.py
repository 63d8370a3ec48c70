"""Addresses of the sandbox: pages for people, the control plane, the vendors."""

from django.contrib.staticfiles.views import serve
from django.urls import include, path, re_path

from sandbox import pages
from sandbox.control.api import api
from sandbox.vendors import vendors

urlpatterns = [
    path("", pages.index, name="index"),
    path("docs/<slug:vendor>", pages.docs, name="docs"),
    path("docs/<slug:vendor>/openapi.yaml", pages.openapi, name="openapi"),
    path("_sandbox/", api.urls),
    # Without a web server in front, and with DEBUG off, Django serves its own static files only when told so.
    re_path(r"^static/(?P<path>.*)$", serve, {"insecure": True}),
    *(path(vendor.prefix.lstrip("/"), include(vendor.urls)) for vendor in vendors().values()),
]
