from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "microdb.audit_log"

    def ready(self) -> None:
        from microdb.audit_log import origin, sign_ins, tracking  # which need the models

        origin.follow_tasks()
        sign_ins.connect()
        tracking.follow_rows()
