from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "microdb.audit"

    def ready(self) -> None:
        from microdb.audit import origin, sign_ins, tracking  # which need the models

        origin.follow_tasks()
        sign_ins.connect()
        tracking.follow_rows()
