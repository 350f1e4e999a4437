from django.urls import path

from review.web import dashboard

app_name = "review"
urlpatterns = [path("", dashboard.dashboard, name="dashboard")]
