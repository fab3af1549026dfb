"""Calls SESv2 as a program in Python does: calls as JSON on stdin, their answers or the names of their errors on stdout."""

import json
import sys

import boto3
from botocore.exceptions import ClientError

ses = boto3.client("sesv2")


def ask(operation, parameters):
    try:
        answer = getattr(ses, operation)(**parameters)
    except ClientError as error:
        return {"Error": error.response["Error"]["Code"]}
    del answer["ResponseMetadata"]
    return answer


json.dump([ask(*call) for call in json.load(sys.stdin)], sys.stdout, default=str)
