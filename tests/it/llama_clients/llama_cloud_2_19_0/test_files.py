import io

import httpx
import pytest
from doing import file_of, job_of, known, refused
from documents import ABSENT, NOTE


def fetched(presigned):
    """What stands at an address, without any key."""
    return httpx.get(known(presigned).url).raise_for_status().content


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
        made = known(client.files.create(file=form, purpose="extract"))
        assert (made.name, made.file_type, made.purpose) == (name, name[5:], "extract")
        assert (made.external_file_id, made.download_url) == (None, None)
        for id in [made.id, f"dfl-{made.id}"]:
            found = known(client.files.retrieve(id))
            assert found.to_dict() == made.to_dict()
            assert fetched(client.files.content(id)) == NOTE
    expanded = client.files.retrieve(made.id, expand=["download_url"])
    assert fetched(expanded.download_url) == NOTE


def test_a_large_file_comes_back_as_it_was(client):
    content = bytes(range(256)) * 12_000
    made = client.files.create(file=("large.bin", content), purpose="user_data")
    assert fetched(client.files.content(made.id)) == content


def test_an_address_to_read_from_expires(world, client):
    world.stand_still()
    file = file_of(client)
    address = client.files.content(file.id, expires_at_seconds=90)
    assert fetched(address) == NOTE
    world.advance("2m")
    assert httpx.get(address.url).status_code == 403
    refused(422, lambda: client.files.content(file.id, expires_at_seconds=0))


@pytest.mark.filterwarnings("ignore:.*deprecated")
def test_files_are_listed_by_every_filter(world, client):
    made = []
    for name, external in [("b.txt", "gate/1"), ("a.txt", "gate/2"), ("b.txt", "gate/3")]:
        made.append(file_of(client, name, external_file_id=external).id)
        world.advance("1s")
    first, second, third = made

    def listed(**filters):
        ids = [known(file).id for file in client.files.list(**filters)]
        if not {"order_by", "expand"} & set(filters):
            names = {"file_ids", "file_name", "external_file_id"}
            page = known(client.files.query(filter={name: value for name, value in filters.items() if name in names}))
            assert {file.id for file in page.items} == set(ids)
        return ids

    assert listed() == listed(page_size=1) == listed(page_size=2) == [third, second, first]
    assert listed(file_name="b.txt") == [third, first] and listed(external_file_id="gate/2") == [second]
    assert set(listed(file_ids=[first, third])) == {first, third}
    assert listed(file_name="b.txt", external_file_id="gate/2") == [] == listed(file_name="c.txt")
    assert listed(order_by="name")[0] == second and listed(order_by="id") == sorted(made)
    assert listed(order_by="created_at") == [third, second, first]
    for file in client.files.list(expand=["download_url"]):
        assert fetched(file.download_url) == NOTE
    page = client.files.list(page_size=2, order_by="name")
    assert page.get_next_page().next_page_token is None
    refused(400, lambda: client.files.list(page_token="edited"))
    for filters in [{"page_size": 0}, {"page_size": 1_001}, {"order_by": "file_size"}]:
        refused(422, lambda: client.files.list(**filters))


def test_a_deleted_file_is_gone(world, client):
    file = file_of(client)
    job = job_of(client, file)
    world.advance()
    assert client.files.delete(file.id) is None
    for gone in [client.files.retrieve, client.files.content, client.files.delete]:
        refused(404, lambda: gone(file.id), file.id)
        refused(404, lambda: gone(ABSENT), ABSENT)
    refused(404, lambda: job_of(client, file), file.id)
    assert list(client.files.list()) == [] and client.extract.get(job.id).status == "COMPLETED"


def test_what_a_form_gets_wrong_is_named(client):
    (entry,) = refused(422, lambda: client.files.create(file=("note.txt", NOTE), purpose="fun"))
    assert entry["loc"] == ["body", "purpose"]
    for purpose in ["user_data", "parse", "extract", "split", "classify", "sheet", "agent_app"]:
        assert client.files.create(file=("note.txt", NOTE), purpose=purpose).purpose == purpose
    assert client.files.create(file=("note.txt", NOTE), purpose="parse", external_file_id="").external_file_id is None
