import io

import pytest
from doing import fern, files, note, refused
from documents import ABSENT, NOTE
from llama_cloud_services.utils import SourceText


@pytest.mark.parametrize("presigned", [False, True])
def test_a_file_comes_in_any_form(world, tmp_path, presigned):
    client = files(world, use_presigned_url=presigned)
    path = tmp_path / "note.md"
    path.write_bytes(NOTE)
    named = io.BytesIO(NOTE)
    named.name = "/somewhere/note.html"
    for form, name, external in [
        (str(path), "note.md", str(path)),
        (path, "note.md", str(path)),
        (SourceText(file=str(path), filename="renamed.md"), "note.md", "renamed.md"),
        (SourceText(text_content=NOTE.decode(), filename="said.txt"), "said.txt", "said.txt"),
        (SourceText(file=NOTE, filename="bytes.pdf"), "bytes.pdf", "bytes.pdf"),
        (SourceText(file=io.BytesIO(NOTE), filename="buffer.csv"), "buffer.csv", "buffer.csv"),
        (named, "note.html", "note.html"),
        (path.open("rb"), "note.md", "note.md"),
    ]:
        made = client.upload_content(form)
        assert (made.name, made.external_file_id, made.file_size) == (name, external, len(NOTE))
        assert made.file_type == name.rpartition(".")[2] and made.project_id and made.created_at
        assert client.get_file(made.id) == client.upload_content(made) == client.upload_content(SourceText(file_id=made.id))
        assert client.read_file_content(made.id) == NOTE
    assert client.upload_content(path, external_file_id="gate/7").external_file_id == "gate/7"


def test_a_large_file_comes_back_as_it_was(world):
    content = bytes(range(256)) * 12_000
    for presigned in [False, True]:
        client = files(world, use_presigned_url=presigned)
        made = client.upload_bytes(content, "large.bin")
        assert made.file_size == len(content) and client.read_file_content(made.id) == content


def test_a_file_is_fetched_from_an_address(world):
    cloud = fern(world)
    made = cloud.files.upload_file_from_url(url=world.listening(fetched=NOTE).url, name="fetched.txt")
    assert (made.name, made.file_size) == ("fetched.txt", len(NOTE))
    assert files(world).read_file_content(made.id) == NOTE
    refused(400, lambda: cloud.files.upload_file_from_url(url=world.listening(answer=500).url, name="none.txt"))


def test_a_deleted_file_is_gone(world):
    cloud, client = fern(world), files(world)
    made = client.upload_content(note())
    assert cloud.files.delete_file(made.id) is None
    for gone in [client.get_file, client.read_file_content, cloud.files.delete_file]:
        refused(404, lambda: gone(made.id), made.id)
    refused(404, lambda: client.get_file(ABSENT), ABSENT)
    refused(422, lambda: client.get_file("no-uuid"))


def test_files_are_made_anew_each_time(world):
    client = files(world)
    first, second = client.upload_content(note()), client.upload_content(note())
    assert first.id != second.id and first.external_file_id == second.external_file_id
