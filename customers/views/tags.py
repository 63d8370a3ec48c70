"""The company's tags: the list, a new one, its name and colour, out of use and back."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from customers.care_forms import TagForm
from customers.models import Tag
from smartbis_admin.staff.access import Access
from smartbis_admin.ui.views import ActionView, Breadcrumbs, FormView, TemplateView, Text


class TagListView(TemplateView):
    """All tags; always few."""

    access = Access.CARE_FOR_CUSTOMERS
    template_name = "customers/tags.html"
    title = _("Etiquetas")

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(_("Clientes"), reverse("customers:list"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = Tag.objects.annotate(uses=Count("taggings", filter=Q(taggings__removed_at=None)))
        tags = list(rows.order_by("name", "pk"))
        return super().get_context_data(
            tags=[tag for tag in tags if tag.archived_at is None],
            archived=[tag for tag in tags if tag.archived_at],
            **kwargs,
        )


class TagFormView(FormView):
    """Base of the two forms."""

    abstract = True
    access = Access.CARE_FOR_CUSTOMERS
    form_class = TagForm
    success_url = cancel_url = reverse_lazy("customers:tag_list")

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(_("Clientes"), reverse("customers:list")), (_("Etiquetas"), reverse("customers:tag_list"))]

    def save(self, form: Any) -> Tag:
        tag: Tag = form.save(commit=False)
        if tag._state.adding:
            user: Any = self.request.user
            tag.created_by = user
        tag.save()
        return tag


class TagCreateView(TagFormView):
    """A new tag."""

    title = _("Criar etiqueta")
    submit_label = _("Criar etiqueta")
    success_message = _("Etiqueta criada.")


class TagEditView(TagFormView):
    """Another name or colour, for all customers that bear it."""

    title = _("Alterar etiqueta")
    success_message = _("Etiqueta alterada.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": get_object_or_404(Tag, pk=self.kwargs["pk"])}


class TagArchiveView(ActionView):
    """Take a tag out of use: customers keep it in their history, nobody sees or gets it any more."""

    access = Access.CARE_FOR_CUSTOMERS
    back: ClassVar[bool] = False

    @cached_property
    def tag(self) -> Tag:
        return get_object_or_404(Tag, pk=self.kwargs["pk"])

    def get_success_url(self) -> str:
        return reverse("customers:tag_list")

    def perform(self) -> Text:
        moved = Tag.objects.filter(pk=self.tag.pk, archived_at__isnull=self.back is False)
        if not moved.update(archived_at=None if self.back else timezone.now()):
            raise ValidationError(_("A etiqueta já estava assim."))
        if self.back:
            return _("Etiqueta em uso de novo: %(tag)s") % {"tag": self.tag}
        self.undo_url = reverse("customers:tag_restore", args=[self.tag.pk])
        return _("Etiqueta arquivada: %(tag)s") % {"tag": self.tag}


class TagRestoreView(TagArchiveView):
    """Put it to use again."""

    back = True
