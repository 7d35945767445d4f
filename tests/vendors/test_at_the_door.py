"""What the built-in vendors refuse before anybody waits for it."""

from typing import Any

import pytest

from jobwatch.domain.connection import Connection
from jobwatch.domain.exchange import NotAskableError
from jobwatch.vendors.registry import vendor_of
from jobwatch.vendors.zilliz import Zilliz
from tests.vendors.recordings import Profile, load_profiles

SECRET = {"api_key": "zilliz-key-5c1e77d0"}


@pytest.fixture
def zilliz() -> Profile:
    return next(profile for profile in load_profiles() if profile.name == "zilliz")


def connection(zilliz: Profile, parameters: dict[str, str]) -> Connection:
    return zilliz.connection({"parameters": parameters})


def asked(zilliz: Profile, of_connection: dict[str, str], of_submission: dict[str, str]) -> dict[str, Any]:
    request = Zilliz().request(
        zilliz.submission({"parameters": of_submission}), connection(zilliz, of_connection), SECRET
    )
    return {"call": request.url.rpartition("/")[2], **(request.json_body or {})}


@pytest.mark.parametrize("parameters", [{}, {"clusterId": ""}, {"clusterId": "  "}, {"flavour": "zilliz"}])
def test_zilliz_cloud_needs_a_cluster_and_says_where_to_name_it(zilliz: Profile, parameters: dict[str, str]) -> None:
    with pytest.raises(NotAskableError, match=r"parameters\.clusterId.*submission or the connection.*milvus"):
        Zilliz().check(zilliz.submission(), connection(zilliz, parameters))


@pytest.mark.parametrize(
    ("of_connection", "of_submission", "cluster"),
    [
        ({"clusterId": "in01-a"}, {}, "in01-a"),
        ({}, {"clusterId": "in01-b"}, "in01-b"),
        ({"clusterId": "in01-a"}, {"clusterId": "in01-b"}, "in01-b"),
    ],
)
def test_the_cluster_of_the_submission_counts_before_the_connections(
    zilliz: Profile, of_connection: dict[str, str], of_submission: dict[str, str], cluster: str
) -> None:
    Zilliz().check(zilliz.submission({"parameters": of_submission}), connection(zilliz, of_connection))
    expected = {"call": "getProgress", "jobId": "448761313698322011", "clusterId": cluster}
    assert asked(zilliz, of_connection, of_submission) == expected


def test_milvus_needs_no_cluster(zilliz: Profile) -> None:
    Zilliz().check(zilliz.submission(), connection(zilliz, {"flavour": "milvus"}))
    assert asked(zilliz, {"flavour": "milvus"}, {}) == {"call": "describe", "jobId": "448761313698322011"}


@pytest.mark.parametrize("job_id", ["job-01fa0e5d42", "4487 61", "-1", "1.5", "٣٣", "1" * 20])
def test_milvus_refuses_an_id_that_is_no_number(zilliz: Profile, job_id: str) -> None:
    """It would answer code 2100 at every poll for three days."""
    with pytest.raises(NotAskableError, match="job_id"):
        Zilliz().check(zilliz.submission({"job_id": job_id}), connection(zilliz, {"flavour": "milvus"}))


@pytest.mark.parametrize("flavour", ["Milvus", "cloud", ""])
def test_an_unknown_flavour_is_refused_with_those_that_are_known(zilliz: Profile, flavour: str) -> None:
    with pytest.raises(NotAskableError, match=r"parameters\.flavour: .* none of milvus, zilliz"):
        Zilliz().check(zilliz.submission(), connection(zilliz, {"flavour": flavour, "clusterId": "in01-a"}))


@pytest.mark.parametrize("name", ["egain", "egain_export", "document360", "zilliz", "milvus"])
@pytest.mark.parametrize("end", ["", "/", "//"])
def test_an_address_with_the_path_of_the_api_is_the_same_as_without(name: str, end: str) -> None:
    """People copy addresses from documents, with or without their path."""
    profile = next(profile for profile in load_profiles() if profile.name == name)
    paths = {
        "egain": "/knowledge/contentmgr/v4",
        "egain_export": "/knowledge/portalmgr/v4",
        "document360": "/v2",
        "zilliz": "/v2/vectordb",
        "milvus": "/v2/vectordb",
    }
    plain = profile.connection()
    longer = profile.connection({"base_url": plain.base_url + paths[name] + end})
    urls = {vendor_of(each).request(profile.submission(), each, profile.secret).url for each in (plain, longer)}
    assert len(urls) == 1


NO_IDS = {
    "egain": [
        *("7A84", "42", "..", "job-7", "7A84B8756F754C7BB1370632B62DB0BD", "{7A84B875-6F75-4C7B-B137-0632B62DB0BD}"),
        " 7A84B875-6F75-4C7B-B137-0632B62DB0BD",
        "7A84B875-6F75-4C7B-B137-0632B62DB0BD ",
        "knowledge/contentmgr/v4/import/content/7A84B875-6F75-4C7B-B137-0632B62DB0BD/status",
        "7A84B875-6F75-4C7B-B137-0632B62DB0BG",
    ],
    "document360": [
        "..",
        " 5f2b8a1e",
        "5f2b8a1e ",
        "5f2b 8a1e",
        "/v2/Project/Import/5f2b8a1e",
        "5f2b?x=1",
        "a%2Fb",
        "a\\b",
    ],
    "zilliz": ["..", " 448761313698322011", "448761313698322011 ", "jobs/448761313698322011", "4487613136983220111234"],
    "milvus": ["job-01fa0e5d42", " 448761313698322011", "imports/448761313698322011"],
}


@pytest.mark.parametrize(("name", "job_id"), [(name, job_id) for name, ids in NO_IDS.items() for job_id in ids])
def test_what_cannot_be_an_id_of_the_vendor_is_refused_with_one_that_can(name: str, job_id: str) -> None:
    profile = next(profile for profile in load_profiles() if profile.name == name)
    connection = profile.connection()
    with pytest.raises(
        NotAskableError, match=r"^job_id: .*such as [0-9A-Fa-f]{8}|^job_id: .*is 7A84.* meant"
    ) as refused:
        vendor_of(connection).check(profile.submission({"job_id": job_id}), connection)
    assert str(refused.value).isprintable()


def test_egains_id_is_named_where_the_whole_header_was_pasted() -> None:
    profile = next(profile for profile in load_profiles() if profile.name == "egain")
    header = "knowledge/contentmgr/v4/import/content/7A84B875-6F75-4C7B-B137-0632B62DB0BE/status"
    with pytest.raises(NotAskableError, match="is 7A84B875-6F75-4C7B-B137-0632B62DB0BE meant"):
        vendor_of(profile.connection()).check(profile.submission({"job_id": header}), profile.connection())


@pytest.mark.parametrize(
    "job_id", ["5f2b8a1e-3c4d-4e5f-8a9b-0c1d2e3f4a5b", "65f2b8a1e3c4d4e5f8a9b0c1", "42", "a_b.c~d"]
)
def test_document360_publishes_no_form_so_any_plain_id_is_taken(job_id: str) -> None:
    profile = next(profile for profile in load_profiles() if profile.name == "document360")
    vendor_of(profile.connection()).check(profile.submission({"job_id": job_id}), profile.connection())
