import httpx
from doing import file_of, refused
from documents import ABSENT, NOTE


def fetched(presigned):
    """What stands at an address, without any key."""
    return httpx.get(presigned.url).raise_for_status().content


def test_a_file_is_uploaded_read_listed_and_deleted(client):
    made = file_of(client)
    assert (made.name, made.file_type, made.file_size) == ("note.txt", "txt", len(NOTE))
    # This client cannot say what the file is called elsewhere, and cannot do without an answer to that.
    assert made.external_file_id and made.created_at
    assert client.files.get_file(made.id) == made
    assert client.files.list_files() == [made]
    assert fetched(client.files.read_file_content(made.id)) == NOTE
    client.files.delete_file(made.id)
    for gone in [client.files.get_file, client.files.delete_file, client.files.read_file_content]:
        refused(404, lambda: gone(made.id), made.id)
    assert client.files.list_files() == []


def test_a_file_that_another_client_uploaded_is_read(world, client):
    form = {"data": {"purpose": "extract"}, "files": {"file": ("note.pdf", NOTE)}}
    made = world.ask("POST", "/api/v1/beta/files", **form).json()
    assert made["external_file_id"] is None
    assert client.files.get_file(made["id"]).external_file_id


def test_a_file_is_sent_to_a_presigned_address(world, client):
    address = client.files.generate_presigned_url(name="note.md", external_file_id="gate/7", file_size=len(NOTE))
    assert address.url.startswith(world.base) and address.expires_at
    httpx.put(address.url, content=NOTE).raise_for_status()
    (made,) = client.files.list_files()
    assert (made.name, made.external_file_id, made.file_type, made.file_size) == ("note.md", "gate/7", "md", len(NOTE))
    assert fetched(client.files.read_file_content(made.id, expires_at_seconds=90)) == NOTE
    assert httpx.put(address.url, content=b"again").status_code == 403
    assert fetched(client.files.read_file_content(made.id)) == NOTE


def test_an_address_to_read_from_expires(world, client):
    world.stand_still()
    address = client.files.read_file_content(file_of(client).id, expires_at_seconds=90)
    assert fetched(address) == NOTE
    world.advance("2m")
    assert httpx.get(address.url).status_code == 403


def test_a_file_is_fetched_from_an_address(world, client):
    endpoint = world.listening(fetched=b"fetched")
    made = client.files.upload_file_from_url(url=endpoint.url, name="note.csv")
    assert (made.name, made.file_type, made.file_size) == ("note.csv", "csv", 7)
    assert fetched(client.files.read_file_content(made.id)) == b"fetched"
    # The server's own address is one like any other.
    again = client.files.upload_file_from_url(url=client.files.read_file_content(made.id).url, name="again.csv")
    assert fetched(client.files.read_file_content(again.id)) == b"fetched"


def test_what_cannot_be_fetched_is_refused(world, client):
    endpoint = world.listening(answer=404)
    # The second is an address of nobody, which the server was not allowed.
    for url in [endpoint.url, "http://192.0.2.1/note.txt"]:
        refused(400, lambda: client.files.upload_file_from_url(url=url, name="note.txt"))
    assert client.files.list_files() == []


def test_files_that_are_not_there_are_not_found(client):
    for call in [client.files.get_file, client.files.delete_file, client.files.read_file_content]:
        refused(404, lambda: call(ABSENT), ABSENT)
        refused(422, lambda: call("no-uuid"))
    refused(422, lambda: client.files.generate_presigned_url(name=""))
