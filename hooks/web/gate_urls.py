"""The gate's pages, below /gate/."""

from django.urls import path

from hooks.web import gate

app_name = "gate"
urlpatterns = [path("overrides", gate.overrides, name="overrides")]
