from django.urls import path

from accounts.web import people, teams

app_name = "people"
urlpatterns = [
    path("", people.people, name="people"),
    path("user/<str:username>/", people.person, name="person"),
    path("user/<str:username>/link/", people.sign_in_link, name="sign_in_link"),
    path("user/<str:username>/deactivate/", people.deactivate, name="deactivate"),
    path("user/<str:username>/reactivate/", people.reactivate, name="reactivate"),
    path("team/", teams.create, name="team_create"),
    path("team/<str:slug>/", teams.team, name="team"),
    path("team/<str:slug>/lead/<str:username>/", teams.set_lead, name="team_lead"),
    path("team/<str:slug>/remove/<str:username>/", teams.remove_member, name="team_remove"),
]
