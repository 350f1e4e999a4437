"""The pages of a repository's hooks, below /repositories/<slug>/hooks/."""

from django.urls import path

from hooks.web import views

app_name = "hooks"
urlpatterns = [
    path("", views.hooks, name="hooks"),
    path("look/", views.look, name="look"),
    path("new/", views.create, name="create"),
    path("<int:pk>/", views.endpoint, name="endpoint"),
    path("<int:pk>/rotate/", views.rotate, name="rotate"),
    path("<int:pk>/switch/", views.switch, name="switch"),
    path("<int:pk>/delete/", views.delete, name="delete"),
]
