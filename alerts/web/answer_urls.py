"""The pages behind the links below a message, below /answers/."""

from django.urls import path

from alerts.web.answer import answer
from alerts.web.stop import stop

app_name = "answers"
urlpatterns = [
    path("<str:token>/", answer, name="answer"),
    path("stop/<str:token>/", stop, name="stop"),
]
