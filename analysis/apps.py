from django.apps import AppConfig


class AnalysisConfig(AppConfig):
    name = "analysis"
    verbose_name = "Repositories and their facts"
    default_auto_field = "django.db.models.BigAutoField"
