"""What the two clients of llama-cloud since version 1 have in common."""

import llama_cloud
import pytest

ERRORS = {
    400: llama_cloud.BadRequestError,
    401: llama_cloud.AuthenticationError,
    403: llama_cloud.PermissionDeniedError,
    404: llama_cloud.NotFoundError,
    409: llama_cloud.ConflictError,
    422: llama_cloud.UnprocessableEntityError,
    429: llama_cloud.RateLimitError,
    500: llama_cloud.InternalServerError,
    503: llama_cloud.InternalServerError,
}


def valid(resource):
    """The same, once it was seen to be all that its model says; the client takes whatever comes."""
    type(resource).model_validate(resource.model_dump(mode="json", by_alias=True, exclude_unset=True, warnings=False))
    return resource


def known(resource):
    """The same, once it was also seen to have no member that its model does not have."""
    assert not resource.model_extra, resource.model_extra
    return valid(resource)


def refused(status, call, *words):
    """The detail with which a call is refused."""
    with pytest.raises(ERRORS[status]) as caught:
        call()
    assert caught.value.status_code == status
    detail = caught.value.body["detail"]
    if status == 422:
        assert detail and all(entry["loc"] and entry["msg"] and entry["type"] for entry in detail), detail
    else:
        assert isinstance(detail, str) and all(word in detail for word in words), detail
    return detail


def given_up(world, wait, error_class, words, status):
    """Sees that a wait ends without success: the blocking client raises, the other logs it and returns the job as it is."""
    if world.kind == "LlamaCloud":
        with pytest.raises(error_class, match=words):
            wait()
    else:
        assert wait().status == status
