"""The Kubernetes manifests: valid by Kubernetes' own schemas, hardened, and scaled by figures the API really has."""

from __future__ import annotations

import ipaddress
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
from deploy_files import DEPLOY, compose, manifests
from prometheus_client.parser import text_string_to_metric_families

from integrations.jobs.database import Database
from integrations.jobs.migrating import migrate
from integrations.service.metrics import Metrics
from integrations.service.settings import QUEUES, Patience

VERSIONS = ("1.31", "1.34", "1.37")
DOCUMENTS = manifests()
KUBERNETES = [document for _, document in DOCUMENTS if not document["apiVersion"].startswith("keda.sh/")]
SCALED = {doc["metadata"]["name"]: doc for _, doc in DOCUMENTS if doc["kind"] == "ScaledObject"}
DEPLOYMENTS = {doc["metadata"]["name"]: doc for doc in KUBERNETES if doc["kind"] == "Deployment"}
PODS = {doc["metadata"]["name"]: doc["spec"]["template"] for doc in KUBERNETES if doc["kind"] in ("Deployment", "Job")}
POLICIES = {doc["metadata"]["name"]: doc["spec"] for doc in KUBERNETES if doc["kind"] == "NetworkPolicy"}
KEDA_SCHEMA = json.loads((Path(__file__).parent / "keda_scaled_object.json").read_text(encoding="utf-8"))
every_pod = pytest.mark.parametrize("name", PODS)


@pytest.fixture(scope="module")
def metrics_text(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the API tells Prometheus, of a real database without a job."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('metrics') / 'cuesmith.db'}")
    migrate(database)
    metrics = Metrics()
    metrics.watch(database)
    text = metrics.text().decode()
    database.close()
    return text


def called(document: dict[str, Any]) -> str:
    return f"{document['kind']} {document['metadata']['name']}"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("document", KUBERNETES, ids=called)
def test_a_manifest_is_valid(document: dict[str, Any], version: str) -> None:
    kubernetes_validate.validate(document, version, strict=True)
    assert document["metadata"].get("namespace", "cuesmith") == "cuesmith"


@pytest.mark.parametrize("name", SCALED)
def test_a_scaled_object_is_of_the_documented_form(name: str) -> None:
    document = SCALED[name]
    jsonschema.validate(document, KEDA_SCHEMA)
    spec = document["spec"]
    autoscaler = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": name},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": spec["scaleTargetRef"]["name"]},
            "minReplicas": max(spec["minReplicaCount"], 1),
            "maxReplicas": spec["maxReplicaCount"],
            "behavior": spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"],
        },
    }
    kubernetes_validate.validate(autoscaler, "1.34", strict=True)


def test_every_queue_has_workers_that_are_scaled_and_nothing_else_says_how_many() -> None:
    assert set(SCALED) == set(QUEUES) == set(DEPLOYMENTS) - {"api"}
    for name in QUEUES:
        assert SCALED[name]["spec"]["scaleTargetRef"] == {"name": name}
        assert "replicas" not in DEPLOYMENTS[name]["spec"]
        command = PODS[name]["spec"]["containers"][0]["command"]
        assert command[: command.index("--slots")] == ["cuesmith", "worker", "--queues", name]


@pytest.mark.parametrize("name", SCALED)
def test_replicas_follow_what_the_api_tells_of_the_queue(name: str, metrics_text: str) -> None:
    spec = SCALED[name]["spec"]
    told = {
        (sample.name, sample.labels.get("queue"))
        for family in text_string_to_metric_families(metrics_text)
        for sample in family.samples
    }
    for trigger in spec["triggers"]:
        location = re.fullmatch(r'(\w+)\{queue="(\w+)"\}', trigger["metadata"]["valueLocation"])
        assert location is not None
        assert (location[1], location[2]) in told
        assert location[2] == name
        assert trigger["metadata"]["url"] == "http://api.cuesmith.svc.cluster.local:8080/metrics"
    used = set(re.findall(r"[a-z]+", spec["advanced"]["scalingModifiers"]["formula"]))
    assert used == {trigger["name"] for trigger in spec["triggers"]}


@pytest.mark.parametrize(
    ("name", "waiting", "running", "replicas"),
    [("media", 0, 3, 3), ("media", 4, 1, 3), ("compose", 8, 2, 4), ("fetch", 3, 1, 2), ("gpu", 16, 8, 3)],
)
def test_the_formula_keeps_a_replica_for_what_runs(name: str, waiting: int, running: int, replicas: float) -> None:
    formula = SCALED[name]["spec"]["advanced"]["scalingModifiers"]["formula"]
    assert eval(formula, {}, {"waiting": waiting, "running": running}) == replicas  # our own file


@every_pod
def test_a_pod_may_do_nothing_it_does_not_need(name: str) -> None:
    spec = PODS[name]["spec"]
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] == 10001
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert spec["automountServiceAccountToken"] is False
    assert spec["enableServiceLinks"] is False, "they would add CUESMITH_… variables"
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
    assert all("hostPath" not in volume for volume in spec["volumes"])
    for container in spec["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert {"cpu", "memory"} <= set(container["resources"]["limits"])
        assert {"cpu", "memory"} <= set(container["resources"]["requests"])
        assert re.search(r":\d+\.\d+\.\d+$", container["image"])
        mounted = {mount["name"] for mount in container["volumeMounts"]}
        assert mounted == {volume["name"] for volume in spec["volumes"]}


def test_the_namespace_refuses_pods_that_ask_for_more() -> None:
    (namespace,) = [document for document in KUBERNETES if document["kind"] == "Namespace"]
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_the_time_to_stop_is_what_a_worker_may_finish_and_half_a_minute(name: str) -> None:
    (settings,) = [document["data"] for document in KUBERNETES if document["kind"] == "ConfigMap"]
    assert float(settings["CUESMITH_GRACE_S"]) == Patience().grace_s
    assert PODS[name]["spec"]["terminationGracePeriodSeconds"] >= Patience().grace_s + 30


def test_commands_and_probes_are_those_of_the_compose_file() -> None:
    services = compose()["services"]
    for name in DEPLOYMENTS:
        container = PODS[name]["spec"]["containers"][0]
        assert container["command"] == services[name]["command"]
        if name != "api":
            assert container["livenessProbe"]["exec"]["command"] == services[name]["healthcheck"]["test"][1:]
    probes = PODS["api"]["spec"]["containers"][0]
    assert probes["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert probes["readinessProbe"]["httpGet"]["path"] == "/readyz"


def test_a_node_can_be_drained_and_a_rollout_leaves_the_api_there() -> None:
    (budget,) = [document["spec"] for document in KUBERNETES if document["kind"] == "PodDisruptionBudget"]
    api = DEPLOYMENTS["api"]["spec"]
    assert budget["minAvailable"] < api["replicas"]
    assert budget["selector"] == api["selector"]
    assert api["strategy"]["rollingUpdate"]["maxUnavailable"] == 0


def matches(policy: dict[str, Any], pod: str) -> bool:
    wanted = policy["podSelector"].get("matchLabels", {})
    return wanted.items() <= PODS[pod]["metadata"]["labels"].items()


def test_nothing_goes_in_or_out_that_is_not_listed() -> None:
    assert POLICIES["nothing"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    out = {name for name in PODS if matches(POLICIES["calls-out"], name)}
    assert out == {"api", "fetch"}
    assert {name for name in PODS if matches(POLICIES["api"], name)} == {"api"}
    assert all(matches(POLICIES["backends"], name) for name in PODS)


@pytest.mark.parametrize("address", ["10.1.2.3", "172.20.0.1", "192.168.1.1", "127.0.0.1", "169.254.169.254"])
def test_who_calls_out_calls_no_address_inside(address: str) -> None:
    (rule,) = POLICIES["calls-out"]["egress"]
    (block,) = [peer["ipBlock"] for peer in rule["to"]]
    assert any(ipaddress.ip_address(address) in ipaddress.ip_network(net) for net in block["except"])


def test_no_secret_is_in_the_manifests() -> None:
    assert not any(document["kind"] == "Secret" for _, document in DOCUMENTS)
    for name, pod in PODS.items():
        for container in pod["spec"]["containers"]:
            assert "env" not in container, name
            assert {"secretRef": {"name": "cuesmith-connections"}} in container["envFrom"]


@pytest.mark.parametrize("name", SCALED)
def test_the_operators_page_tells_the_same_numbers(name: str) -> None:
    spec = SCALED[name]["spec"]
    formula = spec["advanced"]["scalingModifiers"]["formula"]
    row = f"| {name} | {formula} | {spec['minReplicaCount']}, {spec['maxReplicaCount']} |"
    assert row in (DEPLOY / "README.md").read_text(encoding="utf-8")
