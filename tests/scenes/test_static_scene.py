from interactive_gym.scenes import page_scene, static_scene


def test_every_page_is_found_here_as_scripts_import_it():
    pages = [getattr(static_scene, name) for name in static_scene.__all__]
    assert all(issubclass(page, page_scene.StaticScene) for page in pages)
    assert [page.__name__ for page in pages] == static_scene.__all__
