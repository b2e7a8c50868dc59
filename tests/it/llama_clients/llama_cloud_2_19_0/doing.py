"""What most tests of this client begin with."""

from documents import NOTE, NOTES, ORDERS
from stainless import given_up, known, refused

FORM = {"data_schema": NOTES}
ORDER_FORM = {"data_schema": ORDERS}


def file_of(client, name="note.txt", content=NOTE, **options):
    return known(client.files.create(file=(name, content), purpose="extract", **options))


def job_of(client, file=None, configuration=FORM, **options):
    file = file or file_of(client)
    return known(client.extract.create(file_input=file.id, configuration=configuration, **options))


def kept(client, name="notes", configuration=FORM):
    parameters = {"product_type": "extract_v2", **configuration}
    return known(client.configurations.create(name=name, parameters=parameters))
