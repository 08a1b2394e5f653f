import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';

/**
 * AWS is asked in the same region, where an answer takes milliseconds. What takes longer has failed: a request that waits
 * for the SDK's own defaults, which are no limit at all, would outlive the function's.
 */
const patience = {
  connectionTimeout: 1_000,
  requestTimeout: 2_000,
  throwOnRequestTimeout: true, // Without it the SDK writes a warning and goes on waiting.
};

/** One more try: a throttled or broken call is often answered at once, and two slow ones are all that a request can bear. */
const maxAttempts = 2;

/**
 * Makes the clients of all services that the function uses. Credentials, and an endpoint other than AWS's, come from the
 * SDK's own variables.
 *
 * @param {{region: string}} where
 */
export function createClients({ region }) {
  const common = { region, maxAttempts, requestHandler: patience };
  return {
    events: new EventBridgeClient(common),
    // A presigned URL would bind the checksum of the body that is empty when it is signed.
    s3: new S3Client({ ...common, requestChecksumCalculation: 'WHEN_REQUIRED' }),
    secrets: new SecretsManagerClient(common),
    ssm: new SSMClient(common),
  };
}
