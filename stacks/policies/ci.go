package main

import "warmstandby/shared/policy"

// ci is what the workflow AWS needs beside a deployer and an operator: the state of its stacks, in a bucket of its own.
func (e environment) ci() policy.Document {
	bucket := "arn:aws:s3:::" + e.state
	return policy.Document{
		allow("ListState", []string{bucket}, []string{"s3:GetBucketVersioning", "s3:ListBucket"}, nil),
		allow("State", []string{bucket + "/.pulumi/*"}, []string{"s3:DeleteObject", "s3:GetObject", "s3:PutObject"}, nil),
	}
}

// ciTrust lets the workflows of one repository have the role, and of these only runs that the reviewers of the GitHub environment have
// admitted (GitHub documentation, "Configuring OpenID Connect in Amazon Web Services").
func (e environment) ciTrust() policy.Document {
	const issuer = "token.actions.githubusercontent.com"
	return policy.Document{{
		Sid: "AllowAdmittedRuns", Effect: policy.Allow,
		Principal: &policy.Principal{Federated: []string{"arn:aws:iam::" + e.account + ":oidc-provider/" + issuer}},
		Actions:   []string{"sts:AssumeRoleWithWebIdentity"},
		Condition: policy.Conditions{"StringEquals": {
			issuer + ":aud": {"sts.amazonaws.com"}, issuer + ":sub": {"repo:" + e.repository + ":environment:" + e.admission},
		}},
	}}
}
