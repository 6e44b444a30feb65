"""The other way in: files instead of software, from a phone without script to the desk."""

import re

from playwright.sync_api import expect

from tests.sample_files import LOCKED_PDF, PDF

from .manager import EMAIL, Manager


def test_files_are_sent_instead_and_staff_download_them(
    stack, make_customer, new_context, tmp_path
):
    owner = make_customer(script=False, phone=True)
    owner.starts()
    stack.inside.ask("give_to", name=owner.business, manager=EMAIL)
    owner.link("My software is not listed").click()
    owner.page.get_by_label("Name of your software").fill("Abacus 9")
    owner.button("Send files").click()
    owner.sees("Send us your files")
    for name, content in {"Balance.pdf": PDF, "Locked.pdf": LOCKED_PDF}.items():
        (tmp_path / name).write_bytes(content)
    chooser = owner.page.get_by_label("Your files")
    chooser.set_input_files([tmp_path / "Balance.pdf", tmp_path / "Locked.pdf"])
    owner.button("Send files").click()
    refused = owner.page.get_by_role("alert").get_by_role("link")
    expect(refused).to_have_text(re.compile("Locked.pdf.*has a password"))
    owner.link("What happens next").click()
    owner.sees("We have your file")
    expect(owner.page.get_by_text("Balance.pdf").first).to_be_visible()

    manager = Manager(new_context(base_url=stack.url).new_page())
    manager.signs_in()
    manager.opens_request_of(owner)
    manager.reads("1 file sent.")
    manager.page.get_by_role("link", name="See files").click()
    with manager.page.expect_download() as coming:
        manager.page.get_by_role("link", name="Download").click()
    assert coming.value.suggested_filename == "Balance.pdf"
    assert coming.value.path().read_bytes() == PDF
    manager.page.reload()
    manager.reads("Downloaded a file: Balance.pdf")
    manager.presses("I have looked at them")
    manager.reads("Marked as looked at.")
    owner.page.reload()
    expect(owner.page.get_by_text("We have looked at it.")).to_be_visible()
