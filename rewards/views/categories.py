"""The list of categories, and a new one."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _

from rewards.filters import CategoryFilter
from rewards.forms import CategoryForm
from rewards.models import Category, Reward
from rewards.services import create_category
from rewards.tables import CategoryTable
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.staff.access import Access
from smartbis_admin.sync.lists import MirrorListView
from smartbis_admin.ui.navigation import Link
from smartbis_admin.ui.views import Breadcrumbs
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.screens import WriteFormView


class CategoryListView(MirrorListView):
    """Categories with the number of rewards in each."""

    access = Access.SEE_REWARDS
    queryset = Category.objects.annotate(
        reward_count=Coalesce(
            Subquery(
                Reward.objects.filter(
                    connection=OuterRef("connection"),
                    category_remote_id=OuterRef("remote_id"),
                    withdrawn_at=None,
                )
                .order_by()
                .values("category_remote_id")
                .annotate(n=Count("pk"))
                .values("n")
            ),
            0,
        )
    )
    table_class, filter_class = CategoryTable, CategoryFilter
    template_name = "rewards/category_list.html"
    resource = Resource.CATEGORIES
    actions = (Link(_("Criar categoria"), "plus", "rewards:category_create", Access.CHANGE_CATEGORIES),)
    empty_title = _("Nenhuma categoria ainda")
    empty_text = _("Crie a primeira categoria ou sincronize as que já existem na plataforma.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(open_writes=open_category_writes(), **kwargs)


def open_category_writes() -> QuerySet[Write]:
    """New categories of which it is unknown whether they were created."""
    return Write.objects.filter(kind="create_category", state__in=Write.OPEN).select_related("actor")


class CategoryCreateView(WriteFormView):
    """Create a category on the platform."""

    access = Access.CHANGE_CATEGORIES
    form_class = CategoryForm
    template_name = "rewards/category_form.html"
    title = _("Criar categoria")
    submit_label = _("Criar categoria")
    done_message = _("Categoria criada.")
    success_url = cancel_url = reverse_lazy("rewards:category_list")
    refusals = {
        "category_duplicate_name": ("name", _("Já existe uma categoria com este nome.")),
        "blank_name": ("name", _("Informe o nome da categoria.")),
        "name_too_long": ("name", _("A plataforma não aceita um nome tão longo.")),
    }

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(_("Categorias"), reverse("rewards:category_list"))]

    def get_open_writes(self) -> Iterable[Write]:
        return open_category_writes()

    def is_intent(self, write: Write, form: CategoryForm) -> bool:
        data = form.cleaned_data
        return (
            write.kind == "create_category"
            and write.connection_id == data["connection"].pk
            and write.payload == {"name": data["name"]}
        )

    def perform(self, form: CategoryForm) -> Write:
        data = form.cleaned_data
        return create_category(
            id=data["write_id"],
            connection=data["connection"],
            name=data["name"],
            actor=self.request.user,  # type: ignore[arg-type]
        )
