"""Creates, updates and deletes the transformed templates as stacks in an emulated AWS account (moto), with either kind
of database.

    python tests/deploy/moto_run.py TRANSFORMED.json

TRANSFORMED.json is the output of ops/deploy/transform.py. moto has no nested stacks, so the run creates them one by one
in CloudFormation's order: a stack comes after the stacks whose outputs are its parameters. moto computes the outputs.
Exits with 1 at the first error, or if a deletion removes a resource that must stay or leaves one that it must remove.
"""

import copy
import io
import json
import re
import sys
import warnings
import zipfile

import boto3
import requests
from moto.core.common_models import CloudFormationModel
from moto.server import ThreadedMotoServer

NESTED = "AWS::CloudFormation::Stack"
PREFIX = "https://templates.invalid/"
REGION = "us-east-1"
# Values of attributes that moto lacks.
STAND_INS = {
    "MasterUserSecret.SecretArn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:collect",
    "Endpoint": "collect.proxy-abc.us-east-1.rds.amazonaws.com",
    "Endpoint.Address": "collect.cluster-abc.us-east-1.rds.amazonaws.com",
    "DBProxyArn": "arn:aws:rds:us-east-1:123456789012:db-proxy:prx-0123456789abcdef0",
}
# Properties at which moto fails; the run leaves them out.
LEFT_OUT = {
    "AWS::RDS::DBInstance": ["DBParameterGroupName"],
    # moto ignores this property in creations, but in updates looks it up by a value that is not an ARN.
    "AWS::Lambda::Function": ["Layers"],
}
# For each kind: the number of clusters and of instances that remain after an installation is deleted.
KINDS = {"instance": (0, 1), "serverless": (1, 1)}
# Types that moto's CloudFormation ignores. Outputs that refer to them return a name.
NOT_IN_MOTO = {"AWS::Lambda::Alias", "AWS::Lambda::Version", "AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard", "AWS::RDS::DBProxy"}


# Types that moto emulates but does not create from templates: service, call and name of the call that creates them.
CLUSTER_INSTANCE = "AWS::RDS::ClusterInstance"
BY_CALL = {
    "AWS::SecretsManager::Secret": ("secretsmanager", "create_secret", "Name"),
    "AWS::RDS::DBClusterParameterGroup": ("rds", "create_db_cluster_parameter_group", "DBClusterParameterGroupName"),
    "AWS::RDS::DBCluster": ("rds", "create_db_cluster", "DBClusterIdentifier"),
    CLUSTER_INSTANCE: ("rds", "create_db_instance", "DBInstanceIdentifier"),
}
# Names of call parameters that differ from the template's property names.
CALL_NAMES = {"VPCSecurityGroups": "VpcSecurityGroupIds", "Family": "DBParameterGroupFamily"}


def client_of(endpoint):
    """Clients of the emulated account."""
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return lambda service: boto3.client(service, endpoint_url=endpoint, region_name=REGION, **keys)


def create_by_call(resource_type, service, method, name_property, client):
    """Makes moto create this type of resource by an API call. botocore checks the call's parameters."""

    class Created(CloudFormationModel):
        # moto finds models by service.
        __module__ = f"moto.{service}.models"

        def __init__(self, name):
            self.physical_resource_id = name

        @staticmethod
        def cloudformation_name_type():
            return name_property

        @staticmethod
        def cloudformation_type():
            return resource_type

        @classmethod
        def has_cfn_attr(cls, attr):
            return False

        @classmethod
        def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **_):
            given = {
                CALL_NAMES.get(key, key): getattr(each, "name", each)
                for key, each in cloudformation_json["Properties"].items()
            }
            given[name_property] = resource_name.lower()
            # The API call has no parameter of this name.
            given.pop("Parameters", None)
            if "GenerateSecretString" in given:
                wanted = given.pop("GenerateSecretString")
                password = client(service).get_random_password(
                    PasswordLength=wanted["PasswordLength"], ExcludePunctuation=wanted["ExcludePunctuation"]
                )["RandomPassword"]
                given["SecretString"] = json.dumps(
                    {**json.loads(wanted["SecretStringTemplate"]), wanted["GenerateStringKey"]: password}
                )
            if "MasterUserPassword" in given:
                given["MasterUserPassword"] = resolve_secret(given["MasterUserPassword"], client)
            getattr(client(service), method)(**given)
            return cls(given[name_property])

        @classmethod
        def update_from_cloudformation_json(cls, original_resource, *_, **__):
            return original_resource

    return Created


def resolve_secret(text, client):
    """Resolves a dynamic reference: https://docs.aws.amazon.com/secretsmanager/latest/userguide/cfn-example_reference-secret.html"""
    found = re.fullmatch(r"\{\{resolve:secretsmanager:(.+):SecretString:(\w+):(\w*):([\w-]*)\}\}", text)
    if not found:
        raise SystemExit(f"no reference to a secret: {text}")
    name, key, stage, version = found.groups()
    chosen = {option: each for option, each in (("VersionStage", stage), ("VersionId", version)) if each}
    return json.loads(client("secretsmanager").get_secret_value(SecretId=name, **chosen)["SecretString"])[key]


def adapt(templates):
    """The templates in a form that moto accepts."""
    adapted = {}
    for path, template in templates.items():
        owners = {}
        for logical_id, resource in list(template["Resources"].items()):
            for name in LEFT_OUT.get(resource["Type"], []):
                resource["Properties"].pop(name, None)
            if "DBClusterIdentifier" in resource.get("Properties", {}) and resource["Type"] == "AWS::RDS::DBInstance":
                resource["Type"] = CLUSTER_INSTANCE
            # moto creates no versions or aliases from templates; references to them become references to the function.
            if resource["Type"] in ("AWS::Lambda::Version", "AWS::Lambda::Alias"):
                owners[logical_id] = template["Resources"].pop(logical_id)["Properties"]["FunctionName"]["Ref"]
        text = json.dumps(stand_in(template))
        for logical_id, owner in owners.items():
            text = text.replace(json.dumps({"Ref": logical_id}), json.dumps({"Fn::GetAtt": [owner, "Arn"]}))
            text = text.replace("${%s}" % logical_id, "${%s.Arn}" % owner)
        adapted[path] = json.loads(text)
    return adapted


def stand_in(value):
    if isinstance(value, list):
        return [stand_in(each) for each in value]
    if not isinstance(value, dict):
        return value
    at = value.get("Fn::GetAtt")
    attribute = (at.split(".", 1)[1] if isinstance(at, str) else ".".join(at[1:])) if at else None
    if attribute in STAND_INS:
        return STAND_INS[attribute]
    return {key: stand_in(each) for key, each in value.items()}


def references(value):
    """Logical ids that a value refers to, with the attribute where there is one."""
    if isinstance(value, list):
        return set().union(*map(references, value)) if value else set()
    if not isinstance(value, dict):
        return set()
    found = set().union(*map(references, value.values())) if value else set()
    if isinstance(value.get("Ref"), str):
        found.add((value["Ref"], None))
    if "Fn::GetAtt" in value:
        at = value["Fn::GetAtt"]
        logical_id, attribute = at.split(".", 1) if isinstance(at, str) else (at[0], ".".join(at[1:]))
        found.add((logical_id, attribute))
    if "Fn::Sub" in value:
        text = value["Fn::Sub"] if isinstance(value["Fn::Sub"], str) else value["Fn::Sub"][0]
        for name in re.findall(r"\$\{([^!}][^}]*)\}", text):
            found.add((name.split(".")[0], name.split(".", 1)[1] if "." in name else None))
    return found


def replace_outputs(value, outputs):
    """Replaces each reference to an output of a nested stack with the output's value."""
    if isinstance(value, list):
        return [replace_outputs(each, outputs) for each in value]
    if not isinstance(value, dict):
        return value
    at = value.get("Fn::GetAtt")
    if at is not None:
        logical_id, attribute = at.split(".", 1) if isinstance(at, str) else (at[0], ".".join(at[1:]))
        if attribute.startswith("Outputs."):
            return outputs[logical_id][attribute.removeprefix("Outputs.")]
    return {key: replace_outputs(each, outputs) for key, each in value.items()}


class Account:
    def __init__(self, endpoint, templates):
        self.client = client_of(endpoint)
        self.cloudformation = self.client("cloudformation")
        self.templates = templates
        self.stacks = []
        self.nested_outputs = {}
        self.nested_values = {}

    def put(self, name, template, parameters):
        """Creates or updates a stack and returns its outputs."""
        s3 = self.client("s3")
        s3.create_bucket(Bucket="templates")
        s3.put_object(Bucket="templates", Key=name, Body=json.dumps(template))
        arguments = {
            "StackName": name,
            "TemplateURL": f"https://templates.s3.amazonaws.com/{name}",
            "Parameters": [{"ParameterKey": key, "ParameterValue": str(each)} for key, each in parameters.items()],
            "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
        }
        is_new = name not in self.stacks
        try:
            (self.cloudformation.create_stack if is_new else self.cloudformation.update_stack)(**arguments)
        except self.cloudformation.exceptions.ClientError as error:
            if "No updates are to be performed" not in str(error):
                raise
        if is_new:
            self.stacks.append(name)
        stack = self.cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        if not stack["StackStatus"].endswith("COMPLETE") or "ROLLBACK" in stack["StackStatus"]:
            raise SystemExit(f"{name}: {stack['StackStatus']} {stack.get('StackStatusReason', '')}")
        return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}

    def deploy(self, name, path, parameters):
        """Deploys a template in stages: resources whose references exist, then nested stacks that need only these."""
        whole = self.templates[path]
        nested = {key: each for key, each in whole["Resources"].items() if each["Type"] == NESTED}
        off = {key for key in nested if nested[key].get("Condition") == "WatchesDrift"}
        outputs, ready = {}, {}
        # An update starts from the existing outputs and updates each nested stack with its new parameters.
        known = self.nested_outputs.get(name)
        if known is not None:
            outputs = dict(known)
            for key in nested.keys() - off:
                child = nested[key]["Properties"]
                values = self.nested_values[name, key]
                new = {n: parameters[v["Ref"]] for n, v in child.get("Parameters", {}).items() if isinstance(v, dict) and v.get("Ref") in parameters}
                outputs[key] = self.deploy(f"{name}-{key}", child["TemplateURL"].removeprefix(PREFIX), {**values, **new})
        left = {key: each for key, each in whole["Resources"].items() if key not in nested}
        while True:
            grown = True
            while grown:
                grown = False
                for key, each in list(left.items()):
                    needs = {logical_id for logical_id, _ in references(each) if logical_id in whole["Resources"]}
                    if needs - {key} <= ready.keys() | outputs.keys():
                        ready[key] = left.pop(key)
                        grown = True
            due = [
                key
                for key, each in nested.items()
                if key not in outputs and key not in off
                and {i for i, _ in references(each) if i in whole["Resources"]} <= ready.keys() | outputs.keys()
            ]
            stage = {key: whole[key] for key in ("Parameters", "Conditions") if key in whole}
            # A stack must not be empty.
            stage["Resources"] = copy.deepcopy(ready) or {"Placeholder": {"Type": "AWS::SNS::Topic"}}
            wanted = {
                f"{key}x{name_}": {"Value": value if isinstance(value, dict) else str(value)}
                for key in due
                for name_, value in nested[key]["Properties"].get("Parameters", {}).items()
            }
            is_last = not due and not left
            stage["Outputs"] = {key: {"Value": each["Value"]} for key, each in whole.get("Outputs", {}).items()} if is_last else wanted
            given = self.put(name, replace_outputs(stage, outputs), parameters)
            if is_last:
                for key, each in whole.get("Outputs", {}).items():
                    if key in given:
                        continue
                    types = {whole["Resources"][i]["Type"] for i, _ in references(each) if i in whole["Resources"]}
                    if not types & NOT_IN_MOTO:
                        raise SystemExit(f"{name}: no output {key}")
                    given[key] = f"arn:aws:lambda:us-east-1:123456789012:function:{name}-{key}"
                self.nested_outputs[name] = outputs
                print(f"  {name}: {len(ready)} resources, {len(given)} outputs")
                return given
            if not due:
                raise SystemExit(f"{name}: cannot be ordered: {sorted(left)}")
            for key in due:
                child = nested[key]["Properties"]
                values = {n: given.get(f"{key}x{n}", "") for n in child.get("Parameters", {})}
                self.nested_values[name, key] = values
                outputs[key] = self.deploy(f"{name}-{key}", child["TemplateURL"].removeprefix(PREFIX), values)


def empty_code(s3):
    s3.create_bucket(Bucket="bucket")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("index.cjs", "exports.handler = async () => ({});")
    s3.put_object(Bucket="bucket", Key="code", Body=archive.getvalue())


def main():
    warnings.simplefilter("ignore")
    with open(sys.argv[1], encoding="utf-8") as file:
        transformed = json.load(file)
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    # moto finds its models among the subclasses of CloudFormationModel that are in memory.
    models = [create_by_call(name, *call, client_of(endpoint)) for name, call in BY_CALL.items()]
    for kind, databases in KINDS.items():
        print(f"DatabaseKind={kind} ({len(models)} types created by calls)")
        run(Account(endpoint, adapt(copy.deepcopy(transformed))), kind, databases)
        requests.post(f"{endpoint}/moto-api/reset", timeout=10)
    server.stop()


def run(account, kind, databases):
    """One installation, from its first deployment to its removal."""
    parameters = {"AlarmEmail": "operator@example.org", "DatabaseKind": kind}
    empty_code(account.client("s3"))
    print("created:")
    first = account.deploy("collect", "template.yaml", parameters)
    print("updated in place:")
    second = account.deploy("collect", "template.yaml", {**parameters, "MetricsCountries": "KEN"})
    if first != second:
        raise SystemExit(f"An update changed the outputs: {first} {second}")
    variables = [each.get("Environment", {}).get("Variables", {}) for each in account.client("lambda").list_functions()["Functions"]]
    countries = [each["METRICS_COUNTRIES"] for each in variables if "METRICS_COUNTRIES" in each]
    print(f"  metrics are now fetched for {countries}")
    # CloudFormation detaches policies before it deletes a role; moto does not.
    iam = account.client("iam")
    for role in iam.list_roles()["Roles"]:
        for policy in iam.list_attached_role_policies(RoleName=role["RoleName"])["AttachedPolicies"]:
            iam.detach_role_policy(RoleName=role["RoleName"], PolicyArn=policy["PolicyArn"])
    for name in account.stacks:
        account.cloudformation.delete_stack(StackName=name)
    left = [each["StackName"] for each in account.cloudformation.describe_stacks()["Stacks"]]
    kept = [each["Name"] for each in account.client("s3").list_buckets()["Buckets"] if each["Name"] not in ("bucket", "templates")]
    rds = account.client("rds")
    clusters = [each["DBClusterIdentifier"] for each in rds.describe_db_clusters()["DBClusters"]]
    instances = [each["DBInstanceIdentifier"] for each in rds.describe_db_instances()["DBInstances"]]
    functions = account.client("lambda").list_functions()["Functions"]
    print(f"deleted: {len(account.stacks)} stacks; left: {left}; functions left: {len(functions)}")
    print(f"kept: buckets {sorted(kept)}, databases {clusters + instances}")
    retained = [
        each
        for template in account.templates.values()
        for each in template["Resources"].values()
        if each["Type"] == "AWS::S3::Bucket" and each.get("DeletionPolicy") == "Retain"
    ]
    if left or functions or len(kept) != len(retained) or (len(clusters), len(instances)) != databases:
        raise SystemExit("The deletion removed a resource that must stay, or left one that it must remove.")


main()
