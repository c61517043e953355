"""The database refuses to change, delete or truncate entries, whoever asks."""

from django.db import migrations

ADD = """
CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Entries of the audit log are only added: % is refused.', TG_OP
        USING ERRCODE = 'insufficient_privilege', HINT = 'Old entries go with: manage.py prune_log --before DATE';
END
$$;
CREATE TRIGGER audit_rows_stay BEFORE UPDATE OR DELETE ON audit_log_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_table_stays BEFORE TRUNCATE ON audit_log_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
"""
REMOVE = """
DROP TRIGGER audit_table_stays ON audit_log_entry;
DROP TRIGGER audit_rows_stay ON audit_log_entry;
DROP FUNCTION audit_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("audit_log", "0001_entries")]
    operations = [migrations.RunSQL(ADD, REMOVE)]
