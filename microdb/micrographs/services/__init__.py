"""Writes to datasets and micrographs, one module per concern."""

from microdb.micrographs.services.adding import add_and_read_micrograph, add_micrograph
from microdb.micrographs.services.blind import answer_blind, settle_agreed, settle_item, start_blind_round
from microdb.micrographs.services.counts import merge_counts
from microdb.micrographs.services.curating import (
    add_masked,
    remove_masked,
    restore_micrographs,
    revert_change,
    set_data_bar,
    set_label,
    set_masked,
    set_modality,
    set_scale,
    set_specimen,
    set_split,
    trash_micrographs,
)
from microdb.micrographs.services.datasets import (
    add_material_class,
    create_dataset,
    refuse_to_delete_an_only_owner,
    remove_member,
    restore_dataset,
    set_member,
    trash_dataset,
    update_dataset,
)
from microdb.micrographs.services.downloading import record_download, record_export
from microdb.micrographs.services.importing import (
    Outcome,
    dataset_to_import_into,
    describe_as_exported,
    import_rows,
    import_specimens,
)
from microdb.micrographs.services.invitations import (
    accept_invitation,
    create_invitation,
    invite_by_email,
    revoke_invitation,
)
from microdb.micrographs.services.lettering import confirm_bar_scales, read_lettering
from microdb.micrographs.services.membership import take_into_dataset
from microdb.micrographs.services.purging import purge_trash
from microdb.micrographs.services.reading import (
    add_hashes,
    read_again,
    read_at_once,
    read_micrograph,
    render_again,
    retry_readings,
)
from microdb.micrographs.services.receiving import (
    Checksum,
    Store,
    receive,
    settle,
    sidecar_of_upload,
    store_in_dataset,
)
from microdb.micrographs.services.remeasuring import remeasure
from microdb.micrographs.services.rereading import give_back_sidecars, read_microscope, reread_records, take_sidecar
from microdb.micrographs.services.specimens import rename_specimen, revert_specimen_changes, update_specimens
from microdb.micrographs.services.updating import update_micrographs
from microdb.micrographs.services.uploads import abandoned_uploads, discard_upload, purge_uploads, start_upload
from microdb.micrographs.services.versions import freeze_dataset

__all__ = [
    "Checksum",
    "Outcome",
    "Store",
    "abandoned_uploads",
    "accept_invitation",
    "add_and_read_micrograph",
    "add_hashes",
    "add_masked",
    "add_material_class",
    "add_micrograph",
    "answer_blind",
    "confirm_bar_scales",
    "create_dataset",
    "create_invitation",
    "dataset_to_import_into",
    "describe_as_exported",
    "discard_upload",
    "freeze_dataset",
    "give_back_sidecars",
    "import_rows",
    "import_specimens",
    "invite_by_email",
    "merge_counts",
    "purge_trash",
    "purge_uploads",
    "read_again",
    "read_at_once",
    "read_lettering",
    "read_micrograph",
    "read_microscope",
    "receive",
    "record_download",
    "record_export",
    "refuse_to_delete_an_only_owner",
    "remeasure",
    "remove_masked",
    "remove_member",
    "rename_specimen",
    "render_again",
    "reread_records",
    "restore_dataset",
    "restore_micrographs",
    "retry_readings",
    "revert_change",
    "revert_specimen_changes",
    "revoke_invitation",
    "set_data_bar",
    "set_label",
    "set_masked",
    "set_member",
    "set_modality",
    "set_scale",
    "set_specimen",
    "set_split",
    "settle",
    "settle_agreed",
    "settle_item",
    "sidecar_of_upload",
    "start_blind_round",
    "start_upload",
    "store_in_dataset",
    "take_into_dataset",
    "take_sidecar",
    "trash_dataset",
    "trash_micrographs",
    "update_dataset",
    "update_micrographs",
    "update_specimens",
]
