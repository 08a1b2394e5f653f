import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';

/**
 * Timeouts of every AWS call, in milliseconds. All calls stay in the region, where a response takes tens of milliseconds. The
 * SDK's default is no timeout at all, so a hanging call would outlive the function's own timeout.
 */
const timeouts = {
  connectionTimeout: 1_000,
  requestTimeout: 2_000,
  throwOnRequestTimeout: true, // Without it the SDK only logs a warning and keeps waiting.
};

/** One retry: a throttled or failed call often succeeds at once, and a request has no time for a third slow call. */
const maxAttempts = 2;

/**
 * Creates the clients of all AWS services that the function calls. Credentials, and an endpoint other than AWS's, come from
 * the SDK's own environment variables.
 *
 * @param {{region: string}} options
 */
export function createClients({ region }) {
  const common = { region, maxAttempts, requestHandler: timeouts };
  return {
    events: new EventBridgeClient(common),
    logs: new CloudWatchLogsClient(common),
    // By default the SDK signs a checksum of the body into a presigned URL, and at signing time the body is empty.
    s3: new S3Client({ ...common, requestChecksumCalculation: 'WHEN_REQUIRED' }),
    secrets: new SecretsManagerClient(common),
    ssm: new SSMClient(common),
  };
}
