from rest_framework.routers import SimpleRouter

from reporting.views import ReportViewSet

router = SimpleRouter(trailing_slash=False)
router.register("reports", ReportViewSet, basename="report")
urlpatterns = router.urls
