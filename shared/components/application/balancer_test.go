package application

import (
	"reflect"
	"testing"

	"warmstandby/test/support/pulumitest"
)

// The load balancer faces the internet and logs.
func TestLoadBalancer(t *testing.T) {
	recording := build(t, unchanged)
	for _, r := range testRegions {
		want := map[string]any{
			"name": r.balancer(), "loadBalancerType": "application", "internal": false,
			"subnets":        []any{"public-1-" + r.role, "public-2-" + r.role},
			"securityGroups": []any{"sg-loadbalancer-" + r.role}, "dropInvalidHeaderFields": true, "desyncMitigationMode": "defensive",
			"idleTimeout": 60.0, "clientKeepAlive": 180.0, "enableDeletionProtection": false,
			"accessLogs": map[string]any{"bucket": r.bucket(), "enabled": true},
		}
		made := recording.Get(t, balancerToken, r.balancer())
		if got := made.Inputs.Mappable(); !reflect.DeepEqual(got, want) {
			t.Errorf("the load balancer of %s is\n%v, want\n%v", r.region, got, want)
		}
		// It tries the bucket when logging is turned on, and the bucket outlives it for the logs that come late.
		pulumitest.AssertDependsOn(t, made,
			recording.Get(t, "aws:s3/bucketPolicy:BucketPolicy", r.bucket()), recording.Get(t, "aws:s3/bucketV2:BucketV2", r.bucket()))
	}
}

// The target group checks the function's health.
func TestTargetGroup(t *testing.T) {
	recording := build(t, unchanged)
	for _, r := range testRegions {
		group, function := recording.Get(t, targetToken, r.targetGroup()), recording.Get(t, functionToken, r.function())
		want := map[string]any{
			"name": r.targetGroup(), "targetType": "lambda", "lambdaMultiValueHeadersEnabled": true,
			"healthCheck": map[string]any{
				"enabled": true, "path": "/healthz", "matcher": "200", "interval": 35.0, "timeout": 10.0, "healthyThreshold": 2.0,
				"unhealthyThreshold": 2.0,
			},
		}
		if got := group.Inputs.Mappable(); !reflect.DeepEqual(got, want) {
			t.Errorf("the target group of %s is\n%v, want\n%v", r.region, got, want)
		}
		permission := recording.Get(t, "aws:lambda/permission:Permission", r.targetGroup())
		wantPermission := map[string]any{
			"action": "lambda:InvokeFunction", "function": r.function(), "principal": "elasticloadbalancing.amazonaws.com", "sourceArn": group.ARN(),
		}
		if got := permission.Inputs.Mappable(); !reflect.DeepEqual(got, wantPermission) {
			t.Errorf("the permission of %s is\n%v, want\n%v", r.region, got, wantPermission)
		}
		attached := recording.Get(t, "aws:lb/targetGroupAttachment:TargetGroupAttachment", r.targetGroup())
		if attached.Text("targetGroupArn") != group.ARN() || attached.Text("targetId") != function.ARN() {
			t.Errorf("what is attached in %s is %v", r.region, attached.Inputs.Mappable())
		}
		pulumitest.AssertDependsOn(t, attached, permission)
	}
}

func TestListeners(t *testing.T) {
	forward := func(r testRegion, recording *pulumitest.Recording) []any {
		return []any{map[string]any{"type": "forward", "targetGroupArn": recording.Get(t, targetToken, r.targetGroup()).ARN()}}
	}
	redirect := []any{map[string]any{
		"type": "redirect", "redirect": map[string]any{"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"},
	}}
	// row is a listener: nil actions forward to the function.
	type row struct {
		name     string
		port     float64
		protocol string
		actions  []any
	}
	tests := []struct {
		name        string
		port        int
		certificate bool
		want        []row // in order of their names
	}{
		{"without a certificate there is plain HTTP", 80, false, []row{{"port-80-", 80, "HTTP", nil}}},
		{"plain HTTP is at the port that is asked for", 8080, false, []row{{"port-8080-", 8080, "HTTP", nil}}},
		{
			"with a certificate plain HTTP is sent to HTTPS", 443, true,
			[]row{{"port-443-", 443, "HTTPS", nil}, {"port-80-", 80, "HTTP", redirect}},
		},
		{"at another port there is HTTPS alone, because the network opens no other", 8443, true, []row{{"port-8443-", 8443, "HTTPS", nil}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			recording := build(t, func(r testRegion, args *Args) {
				args.ListenerPort = test.port
				if test.certificate {
					args.CertificateARN = r.certificate()
				}
			})
			if made := recording.OfType(listenerToken); len(made) != len(testRegions)*len(test.want) {
				t.Errorf("there are %d listeners, want %d a region", len(made), len(test.want))
			}
			for _, r := range testRegions {
				for _, row := range test.want {
					made := recording.Get(t, listenerToken, row.name+r.role)
					want := map[string]any{
						"loadBalancerArn": recording.Get(t, balancerToken, r.balancer()).ARN(),
						"port":            row.port, "protocol": row.protocol, "defaultActions": row.actions,
					}
					if row.actions == nil {
						want["defaultActions"] = forward(r, recording)
					}
					if row.protocol == "HTTPS" {
						want["certificateArn"], want["sslPolicy"] = r.certificate(), "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
					}
					if got := made.Inputs.Mappable(); !reflect.DeepEqual(got, want) {
						t.Errorf("listener %s is\n%v, want\n%v", made.Name, got, want)
					}
					pulumitest.AssertDependsOn(t, made, recording.Get(t, "aws:lb/targetGroupAttachment:TargetGroupAttachment", r.targetGroup()))
				}
			}
		})
	}
}

// The bucket is encrypted, closed to the public, and expires its objects and the parts of uploads that were never completed.
func TestAccessLogs(t *testing.T) {
	recording := build(t, unchanged)
	for _, r := range testRegions {
		for token, want := range map[string]map[string]any{
			"bucketV2:BucketV2": {"bucket": r.bucket(), "forceDestroy": true},
			// Elastic Load Balancing writes to no bucket that a KMS key encrypts.
			"bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": {
				"bucket": r.bucket(), "rules": []any{map[string]any{"applyServerSideEncryptionByDefault": map[string]any{"sseAlgorithm": "AES256"}}},
			},
			"bucketPublicAccessBlock:BucketPublicAccessBlock": {
				"bucket": r.bucket(), "blockPublicAcls": true, "blockPublicPolicy": true, "ignorePublicAcls": true, "restrictPublicBuckets": true,
			},
			"bucketOwnershipControls:BucketOwnershipControls": {
				"bucket": r.bucket(), "rule": map[string]any{"objectOwnership": "BucketOwnerEnforced"},
			},
			"bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2": {
				"bucket": r.bucket(), "rules": []any{map[string]any{
					"id": "expire", "status": "Enabled", "filter": map[string]any{"prefix": ""}, "expiration": map[string]any{"days": 14.0},
					"abortIncompleteMultipartUpload": map[string]any{"daysAfterInitiation": 1.0},
				}},
			},
		} {
			if got := recording.Get(t, "aws:s3/"+token, r.bucket()).Inputs.Mappable(); !reflect.DeepEqual(got, want) {
				t.Errorf("%s of %s is\n%v, want\n%v", token, r.region, got, want)
			}
		}
		if kept := recording.OfType("aws:s3/bucketVersioningV2:BucketVersioningV2"); len(kept) > 0 {
			t.Errorf("access logs have versions, which outlive them: %v", kept[0].Name)
		}
	}
}

// The load balancers of this account and region alone deliver logs.
func TestAccessLogPolicy(t *testing.T) {
	recording := build(t, unchanged)
	for _, r := range testRegions {
		bucket := recording.Get(t, "aws:s3/bucketV2:BucketV2", r.bucket()).ARN()
		want := []pulumitest.Statement{
			{
				Sid: "DenyInsecureTransport", Effect: "Deny", Principal: map[string][]string{"AWS": {"*"}},
				Action: []string{"s3:*"}, Resource: []string{bucket, bucket + "/*"},
				Condition: map[string]map[string][]string{"Bool": {"aws:SecureTransport": {"false"}}},
			},
			{
				Sid: "AllowLogDelivery", Effect: "Allow", Principal: map[string][]string{"Service": {"logdelivery.elasticloadbalancing.amazonaws.com"}},
				Action: []string{"s3:PutObject"}, Resource: []string{bucket + "/AWSLogs/111122223333/*"},
				Condition: map[string]map[string][]string{"ArnLike": {"aws:SourceArn": {r.arn("elasticloadbalancing", "loadbalancer/*")}}},
			},
		}
		if got := pulumitest.Statements(t,
			recording.Get(t, "aws:s3/bucketPolicy:BucketPolicy", r.bucket()).Text("policy")); !reflect.DeepEqual(got, want) {
			t.Errorf("the policy of %s is\n%+v, want\n%+v", r.bucket(), got, want)
		}
	}
}
