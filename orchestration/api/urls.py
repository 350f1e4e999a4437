"""The addresses of blueprints, environments, loads, proposals, runs, locks and targets."""

from common.api.routing import ResourceRouter
from orchestration.api import blueprints, environments, loads, proposals, runs, sources, targets

router = ResourceRouter()
router.register("blueprints", blueprints.Blueprints, basename="blueprints")
router.register("blueprint-sources", sources.BlueprintSources, basename="blueprint_sources")
router.register("blueprint-versions", blueprints.BlueprintVersions, basename="blueprint_versions")
router.register("environments", environments.Environments, basename="environments")
router.register("load-sources", loads.LoadSources, basename="load_sources")
router.register("loads", loads.Loads, basename="loads")
router.register("measurements", loads.Measurements, basename="measurements")
router.register("proposals", proposals.Proposals, basename="proposals")
router.register("runs", runs.Runs, basename="runs")
router.register("state-locks", sources.StateLocks, basename="state_locks")
router.register("targets", targets.Targets, basename="targets")

urlpatterns = router.urls
