import io

import httpx
import pytest
from doing import file_of, refused, valid
from documents import ABSENT, NOTE


def fetched(presigned):
    """What stands at an address, without any key."""
    return httpx.get(valid(presigned).url).raise_for_status().content


def test_a_file_comes_in_any_form(client, tmp_path):
    path = tmp_path / "note.md"
    path.write_bytes(NOTE)
    for form, name in [
        (path, "note.md"),
        (("note.pdf", NOTE), "note.pdf"),
        (("note.csv", NOTE, "text/csv"), "note.csv"),
        (("note.html", io.BytesIO(NOTE), "text/html", {"x-part": "1"}), "note.html"),
        (path.open("rb"), "note.md"),
    ]:
        made = valid(client.files.create(file=form, purpose="extract"))
        assert (made.name, made.file_type, made.purpose, made.external_file_id) == (name, name[5:], "extract", None)
        assert fetched(client.files.get(made.id)) == NOTE
        assert fetched(client.files.get(f"dfl-{made.id}", expires_at_seconds=60)) == NOTE


def test_files_are_listed_by_every_filter(world, client):
    made = []
    for name, external in [("b.txt", "gate/1"), ("a.txt", "gate/2"), ("b.txt", "gate/3")]:
        made.append(file_of(client, name, external_file_id=external))
        world.advance("1s")
    first, second, third = (file.id for file in made)

    def listed(**filters):
        ids = [valid(file).id for file in client.files.list(**filters)]
        if "order_by" not in filters:
            known = {"file_ids", "file_name", "external_file_id"}
            page = valid(client.files.query(filter={name: value for name, value in filters.items() if name in known}))
            assert {file.id for file in page.items} == set(ids)
        return ids

    assert listed() == [third, second, first]
    assert listed(page_size=1) == listed(page_size=2) == [third, second, first]
    assert listed(file_name="b.txt") == [third, first]
    assert listed(external_file_id="gate/2") == [second]
    assert sorted(listed(file_ids=[first, third])) == sorted([first, third])
    assert listed(file_name="b.txt", external_file_id="gate/2") == [] == listed(file_name="c.txt")
    assert listed(order_by="name")[0] == second and listed(order_by="id") == sorted([first, second, third])
    page = client.files.list(page_size=2)
    assert page.next_page_token and page.has_next_page() and page.get_next_page().next_page_token is None
    refused(400, lambda: client.files.list(page_token="edited"))
    for size in [0, 1_001]:
        refused(422, lambda: client.files.list(page_size=size))


def test_a_query_goes_through_its_pages(client):
    made = {file_of(client, f"{number}.txt").id for number in range(3)}
    first = client.files.query(page_size=2, order_by="name")
    second = client.files.query(page_size=2, order_by="name", page_token=first.next_page_token)
    assert [file.name for file in first.items + second.items] == ["0.txt", "1.txt", "2.txt"]
    assert (first.total_size, second.next_page_token) == (3, None) and {file.id for file in first.items} < made


def test_a_deleted_file_is_gone(client):
    made = file_of(client)
    assert client.files.delete(made.id) is None
    for gone in [client.files.get, client.files.delete]:
        refused(404, lambda: gone(made.id), made.id)
        refused(404, lambda: gone(ABSENT), ABSENT)
    assert list(client.files.list()) == []


@pytest.mark.filterwarnings("ignore")
def test_what_a_form_leaves_out_is_named(client):
    entries = refused(422, lambda: client.files.create(file=("note.txt", NOTE), purpose="fun"))
    assert entries[0]["loc"] == ["body", "purpose"]
    for purpose in ["user_data", "parse", "extract", "split", "classify", "sheet", "agent_app"]:
        assert client.files.create(file=("note.txt", NOTE), purpose=purpose).purpose == purpose
