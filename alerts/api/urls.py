"""The addresses of channels, rules, schedules and the delivery log."""

from alerts.api import channels, deliveries, routes
from common.api.routing import ResourceRouter

router = ResourceRouter()
router.register("channels", channels.Channels, basename="channels")
router.register("deliveries", deliveries.Deliveries, basename="deliveries")
router.register("routes", routes.Routes, basename="routes")
router.register("schedules", routes.Schedules, basename="schedules")

urlpatterns = router.urls
