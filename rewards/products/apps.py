from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProductsConfig(AppConfig):
    name = "rewards.products"
    verbose_name = _("Produtos de pontos e ofertas")
