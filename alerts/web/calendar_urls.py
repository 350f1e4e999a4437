from django.urls import path

from alerts.web import calendar

app_name = "calendar"
urlpatterns = [path("<str:token>.ics", calendar.feed, name="feed")]
