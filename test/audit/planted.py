"""Plants faults on the local AWS emulator, for Prowler to find, and removes them: planted.py plant|remove.

They are a public bucket, a group that is open to the internet, an unencrypted queue, and a role that may do everything.
"""

import json
import sys

import boto3

BUCKET, GROUP, QUEUE, ROLE = "planted-bucket", "planted-group", "planted-queue", "planted-role"


def statement(**fields):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **fields}]})


def plant():
    s3, ec2, sqs, iam = (boto3.client(service) for service in ("s3", "ec2", "sqs", "iam"))
    s3.create_bucket(Bucket=BUCKET)
    s3.delete_public_access_block(Bucket=BUCKET)
    s3.put_bucket_policy(
        Bucket=BUCKET, Policy=statement(Principal="*", Action="s3:GetObject", Resource=f"arn:aws:s3:::{BUCKET}/*")
    )
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    group = ec2.create_security_group(GroupName=GROUP, Description=GROUP, VpcId=vpc)["GroupId"]
    world = [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=world)
    sqs.create_queue(QueueName=QUEUE, Attributes={"SqsManagedSseEnabled": "false"})
    trust = statement(Principal={"Service": "lambda.amazonaws.com"}, Action="sts:AssumeRole")
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=trust)
    iam.put_role_policy(RoleName=ROLE, PolicyName="planted", PolicyDocument=statement(Action="*", Resource="*"))


def remove():
    s3, ec2, sqs, iam = (boto3.client(service) for service in ("s3", "ec2", "sqs", "iam"))
    groups = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": [GROUP]}])["SecurityGroups"]
    for action in (
        lambda: s3.delete_bucket(Bucket=BUCKET),
        lambda: [ec2.delete_security_group(GroupId=group["GroupId"]) for group in groups],
        lambda: sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]),
        lambda: iam.delete_role_policy(RoleName=ROLE, PolicyName="planted"),
        lambda: iam.delete_role(RoleName=ROLE),
    ):
        try:
            action()
        except boto3.exceptions.botocore.exceptions.ClientError as error:
            # What was never planted is not there.
            sys.stderr.write(f"removing planted faults: {error}\n")


if __name__ == "__main__":
    {"plant": plant, "remove": remove}[sys.argv[1]]()
