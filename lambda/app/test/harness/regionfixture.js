import { randomUUID } from 'node:crypto';

import {
  CreateEventBusCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { PutParameterCommand } from '@aws-sdk/client-ssm';

import { createClients } from '../../src/aws/clients.js';
import { SOURCE } from '../../src/aws/events.js';
import { eventually } from './await.js';

/**
 * What one region has for a test file: a bucket, a bus with a queue that shows what the bus gets, and parameters.
 *
 * @param {{region: string, name: string}} at
 */
export async function buildPlace({ region, name }) {
  const { ssm, s3, events } = createClients({ region });
  const sqs = new SQSClient({ region });
  const path = `/warmstandby/${name}`;
  const bus = `bus-${name}`;
  const bucket = `documents-${name}-${region}`;
  await s3.send(
    new CreateBucketCommand({
      Bucket: bucket,
      ...(region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint: region } }),
    }),
  );
  await events.send(new CreateEventBusCommand({ Name: bus }));
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: `observer-${name}` }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  const rule = { EventBusName: bus, Name: 'observer' };
  await events.send(new PutRuleCommand({ ...rule, EventPattern: JSON.stringify({ source: [SOURCE] }) }));
  await events.send(
    new PutTargetsCommand({
      EventBusName: bus,
      Rule: rule.Name,
      Targets: [{ Id: 'observer', Arn: Attributes.QueueArn }],
    }),
  );

  async function receive() {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    if (Messages.length > 0) {
      const Entries = Messages.map(({ MessageId, ReceiptHandle }) => ({ Id: MessageId, ReceiptHandle }));
      await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    }
    return Messages.map(({ Body }) => JSON.parse(Body));
  }

  return {
    region,
    path,
    bus,
    bucket,

    /** Writes parameters below the path. @param {Record<string, string | number>} values by key. */
    async write(values) {
      for (const [key, value] of Object.entries(values)) {
        await ssm.send(
          new PutParameterCommand({ Name: `${path}/${key}`, Value: String(value), Type: 'String', Overwrite: true }),
        );
      }
    },

    /**
     * Returns all that the bus has got since it was asked last. An event that is put last comes last, or with the others.
     *
     * @returns {Promise<{type: string, detail: object, bus: string}[]>}
     */
    async published() {
      const last = randomUUID();
      const Detail = JSON.stringify({ last });
      await events.send(
        new PutEventsCommand({ Entries: [{ EventBusName: bus, Source: SOURCE, DetailType: 'Last', Detail }] }),
      );
      const seen = [];
      await eventually(`the last event of ${name} in ${region}`, async () => {
        for (let some = await receive(); some.length > 0; some = await receive()) seen.push(...some);
        return seen.some(({ detail }) => detail.last === last) || undefined;
      });
      return seen
        .filter((event) => event['detail-type'] !== 'Last')
        .map((event) => ({ type: event['detail-type'], source: event.source, detail: event.detail }));
    },
  };
}
