"""The gate's address, below that of a repository."""

from common.api.routing import ResourceRouter
from hooks.api.gate import Gate

router = ResourceRouter()
router.register("repositories", Gate, basename="repositories")

urlpatterns = router.urls
