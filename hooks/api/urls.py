"""The addresses of webhooks and of watched tips."""

from common.api.routing import ResourceRouter
from hooks.api import webhooks

router = ResourceRouter()
router.register("webhooks", webhooks.Webhooks, basename="webhooks")
router.register("repositories", webhooks.WatchedTips, basename="repositories")

urlpatterns = router.urls
