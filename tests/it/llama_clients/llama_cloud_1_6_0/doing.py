"""What most tests of this client begin with."""

from documents import NOTE, NOTES
from stainless import given_up, refused, valid

FAST = {"extraction_mode": "FAST"}


def agent_of(client, name="notes", schema=NOTES, config=FAST):
    return valid(client.extraction.extraction_agents.create(name=name, data_schema=schema, config=config))


def file_of(client, name="note.txt", content=NOTE, **options):
    return valid(client.files.create(file=(name, content), purpose="extract", **options))


def job_of(client, agent, file, **overrides):
    return valid(client.extraction.jobs.create(extraction_agent_id=agent.id, file_id=file.id, **overrides))
