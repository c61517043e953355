"""The components of the design system that are tags and filters."""

from django.template import Context, Template
from django.test import Client

from microdb.micrographs.templatetags import components


def test_a_name_may_break_after_its_joints_only_and_is_escaped():
    assert components.breakable("pearlite+<b>") == "pearlite+<wbr>&lt;b&gt;"
    assert components.breakable("as-cast/heat_2 ferrite") == "as-<wbr>cast/<wbr>heat_<wbr>2 ferrite"
    assert components.breakable("spheroidite") == "spheroidite"


def chip(name: str, position: int | str | None) -> str:
    page = Template("{% load components %}{% class_chip name position %}")
    return page.render(Context({"name": name, "position": position}))


def test_a_chip_holds_the_shape_and_the_name():
    assert '<span class="class-mark" data-position="3"></span><span' in chip("ferrite", 3)
    assert ">ferrite</span></span>" in chip("ferrite", 3)
    assert "title" not in chip("ferrite", 3)


def test_a_long_name_is_in_the_title_too():
    assert 'title="spheroidite+&lt;b&gt;"' in chip("spheroidite+<b>", 0)


def test_none_of_these_has_its_own_mark():
    assert 'data-position=""' in chip("None of these", None)


def test_staff_see_every_component_in_both_themes(admin_client: Client):
    page = admin_client.get("/staff/components/").text
    components = page.count('<section class="component"')
    assert page.count('data-theme="light"') == page.count('data-theme="dark"') == components > 0


def test_others_do_not_see_the_components(client: Client):
    assert client.get("/staff/components/").status_code == 302
