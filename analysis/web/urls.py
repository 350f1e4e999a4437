"""Addresses of the repository pages, below /repositories/."""

from django.urls import path, register_converter

from analysis.web import data, views


class AnyPathConverter:
    """A path as git knows it: any character may stand in it, a line break too."""

    regex = r"[\s\S]+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(AnyPathConverter, "anypath")

app_name = "analysis"
urlpatterns = [
    path("", views.repositories, name="repositories"),
    path("<slug:slug>/", views.repository, name="repository"),
    path("<slug:slug>/analyse/", views.analyse, name="analyse"),
    path("<slug:slug>/remove/", views.remove, name="remove"),
    path("<slug:slug>/progress/", views.progress, name="progress"),
    path("<slug:slug>/structure/", views.structure, name="structure"),
    path("<slug:slug>/trend/", views.trend, name="trend"),
    path("<slug:slug>/coupling/", views.coupling, name="coupling"),
    path("<slug:slug>/unreadable/", views.unreadable, name="unreadable"),
    path("<slug:slug>/files/", views.files, name="files"),
    path("<slug:slug>/files/<anypath:path>", views.file, name="file"),
    path("<slug:slug>/lines/<anypath:path>", views.lines, name="lines"),
    path("<slug:slug>/hotspots.json", data.hotspots, name="hotspots_data"),
    path("<slug:slug>/matrix.json", data.matrix, name="matrix_data"),
    path("<slug:slug>/modules.json", data.module_graph, name="module_graph_data"),
    path("<slug:slug>/coupling.json", data.coupling_graph, name="coupling_data"),
]
