from django.apps import AppConfig


class TrainingConfig(AppConfig):
    name = "microdb.training"

    def ready(self) -> None:
        from microdb.micrographs.gallery.among import register_source  # the models are loaded by now
        from microdb.training.descriptor_map.chosen import SOURCE, chosen_on_map

        register_source(SOURCE, chosen_on_map)
