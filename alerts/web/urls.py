"""The pages of alerts, below /alerts/."""

from django.urls import path

from alerts.web import asking, channels, deliveries, mine, overview, rules, schedules

app_name = "alerts"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("channels/", channels.channels, name="channels"),
    path("channels/new/", channels.choose, name="channel_choose"),
    path("channels/new/<slug:kind>/", channels.create, name="channel_create"),
    path("channels/<int:pk>/", channels.channel, name="channel"),
    path("channels/<int:pk>/test/", channels.test, name="channel_test"),
    path("channels/<int:pk>/edit/", channels.edit, name="channel_edit"),
    path("channels/<int:pk>/switch/", channels.switch, name="channel_switch"),
    path("channels/<int:pk>/retry/", channels.retry, name="channel_retry"),
    path("channels/<int:pk>/delete/", channels.delete, name="channel_delete"),
    path("rules/", rules.rules, name="rules"),
    path("rules/new/", rules.create, name="rule_create"),
    path("rules/<int:pk>/", rules.rule, name="rule"),
    path("rules/<int:pk>/say/", asking.say, name="rule_say"),
    path("rules/<int:pk>/preview/", rules.preview, name="rule_preview"),
    path("rules/<int:pk>/edit/", rules.edit, name="rule_edit"),
    path("rules/<int:pk>/switch/", rules.switch, name="rule_switch"),
    path("rules/<int:pk>/delete/", rules.delete, name="rule_delete"),
    path("working-days/", schedules.schedules, name="schedules"),
    path("working-days/everybody/", schedules.organisation, name="schedule_organisation"),
    path("working-days/teams/<slug:slug>/", schedules.team, name="schedule"),
    path("deliveries/", deliveries.deliveries, name="deliveries"),
    path("deliveries/<int:pk>/", deliveries.delivery, name="delivery"),
    path("deliveries/<int:pk>/retry/", deliveries.retry, name="delivery_retry"),
    path("deliveries/<int:pk>/drop/", deliveries.drop, name="delivery_drop"),
    path("me/", mine.me, name="me"),
    path("me/preferences/", mine.preferences, name="me_preferences"),
    path("me/code/", mine.code, name="me_code"),
    path("me/accounts/", mine.account, name="me_account"),
    path("me/accounts/code/", mine.account_code, name="me_account_code"),
    path("me/accounts/<int:pk>/unlink/", mine.unlink, name="me_unlink"),
    path("me/calendars/<slug:slug>/", mine.calendar_create, name="me_calendar_create"),
    path("me/calendars/<int:pk>/revoke/", mine.calendar_revoke, name="me_calendar_revoke"),
]
