"""Forms that crispy-forms draws inside the page's own form element."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms


def inside(form: forms.BaseForm) -> FormHelper:
    """Every field in its order, without a form element and a token of its own: the page has both."""
    helper = FormHelper(form)
    helper.form_tag = False
    helper.disable_csrf = True
    helper.layout = Layout(*form.fields)
    return helper


class InnerForm(forms.Form):
    """A form whose fields are known from the class: `inside` from the beginning."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = inside(self)
