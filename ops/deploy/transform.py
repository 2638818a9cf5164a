"""Transforms a template and its nested templates with SAM's translator, as CloudFormation does.

    python ops/deploy/transform.py [TEMPLATE] > JSON

Prints a JSON object that maps each template's path, relative to the first template's folder, to the transformed
template. The location of a nested template becomes https://templates.invalid/ followed by its path. Needs no account.
"""

import json
import os
import sys

from samtranslator.translator.managed_policy_translator import ManagedPolicyLoader
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

NESTED = {"AWS::Serverless::Application": "Location", "AWS::CloudFormation::Stack": "TemplateURL"}
CODE = "s3://bucket/code"


class ManagedPolicies(ManagedPolicyLoader):
    """Returns no managed policies of AWS. The default loader would request them from IAM."""

    def __init__(self):
        super().__init__(None)

    def load(self):
        return {}


def transform_all(file, root=None, done=None):
    """Returns a template and its nested templates, transformed, by path."""
    root = root or os.path.dirname(os.path.abspath(file))
    done = {} if done is None else done
    name = os.path.relpath(os.path.abspath(file), root)
    if name in done:
        return done
    with open(file, encoding="utf-8") as stream:
        template = yaml_parse(stream.read())
    done[name] = None
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        location = NESTED.get(resource["Type"])
        if location:
            path = os.path.join(os.path.dirname(file), properties[location])
            transform_all(path, root, done)
            properties[location] = f"https://templates.invalid/{os.path.relpath(os.path.abspath(path), root)}"
        if resource["Type"] == "AWS::Serverless::Function":
            properties["CodeUri"] = CODE
        if resource["Type"] == "AWS::Serverless::LayerVersion":
            properties["ContentUri"] = CODE
    if "Transform" in template:
        defaults = {key: each["Default"] for key, each in template.get("Parameters", {}).items() if "Default" in each}
        os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
        template = transform(template, defaults, ManagedPolicies())
    done[name] = template
    return done


if __name__ == "__main__":
    json.dump(transform_all(sys.argv[1] if len(sys.argv) > 1 else "template.yaml"), sys.stdout, indent=1, default=str)
