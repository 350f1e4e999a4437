from analysis.api import views
from common.api.routing import ResourceRouter

router = ResourceRouter()
router.register("repositories", views.Repositories, basename="repositories")
router.register("analyses", views.Analyses, basename="analyses")
router.register("snapshots", views.Snapshots, basename="snapshots")

urlpatterns = router.urls
