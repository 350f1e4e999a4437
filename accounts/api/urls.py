from accounts.api import views
from common.api.routing import ResourceRouter

router = ResourceRouter()
router.register("users", views.Users, basename="users")
router.register("teams", views.Teams, basename="teams")

urlpatterns = router.urls
