import { randomUUID } from 'node:crypto';

import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';

import { SOURCE } from '../../src/aws/events.js';
import { eventually } from './eventually.js';
import { WEST, required } from './globaldatabase.js';

/**
 * The detail of an event about a record; the last event that publishedEvents sends has a marker instead.
 *
 * @typedef {{id: string, tenant?: string, recordId: string, version: number, timeline: string | null, occurredAt: string, region: string, marker?: string}} EventDetail
 */

/** @typedef {{source: string, 'detail-type': string, detail: EventDetail}} ReceivedEvent */

/** @typedef {Awaited<ReturnType<typeof buildRegionFixture>>} RegionFixture */

/** The policy of the queue: without it EventBridge sends nothing. */
const RULES_MAY_SEND = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: '*' },
  ],
};

/**
 * Builds the resources of a test file in one region: a bucket, an event bus with a queue that records its events, and the
 * prefix of the parameters.
 *
 * @param {{region: import('./globaldatabase.js').Region, name: string}} options name of the environment.
 */
export async function buildRegionFixture({ region, name }) {
  // Clients without the function's timeouts, which a busy machine exceeds.
  const [ssm, s3, events] = [new SSMClient({ region }), new S3Client({ region }), new EventBridgeClient({ region })];
  const sqs = new SQSClient({ region });
  const path = `/warmstandby/${name}`;
  const bus = `bus-${name}`;
  const bucket = `documents-${name}-${region}`;
  await s3.send(
    new CreateBucketCommand({
      Bucket: bucket,
      ...(region === WEST && { CreateBucketConfiguration: { LocationConstraint: region } }),
    }),
  );
  await events.send(new CreateEventBusCommand({ Name: bus }));
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({ QueueName: `observer-${name}`, Attributes: { Policy: JSON.stringify(RULES_MAY_SEND) } }),
  );
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  const rule = { EventBusName: bus, Name: 'observer' };
  await events.send(new PutRuleCommand({ ...rule, EventPattern: JSON.stringify({ source: [SOURCE] }) }));
  await events.send(
    new PutTargetsCommand({
      EventBusName: bus,
      Rule: rule.Name,
      Targets: [{ Id: 'observer', Arn: required(Attributes?.QueueArn, 'QueueArn') }],
    }),
  );

  /** @returns {Promise<ReceivedEvent[]>} */
  async function receive() {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    if (Messages.length > 0) {
      const Entries = Messages.map(({ MessageId, ReceiptHandle }) => ({ Id: MessageId, ReceiptHandle }));
      await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    }
    return Messages.map(({ Body = '' }) => JSON.parse(Body));
  }

  return {
    region,
    path,
    bus,
    bucket,

    /**
     * Writes parameters.
     *
     * @param {Record<string, string | number | boolean>} values by their key, which is the name without the path.
     */
    async writeParameters(values) {
      for (const [key, value] of Object.entries(values)) {
        await ssm.send(
          new PutParameterCommand({ Name: `${path}/${key}`, Value: String(value), Type: 'String', Overwrite: true }),
        );
      }
    },

    /**
     * Returns the events that the bus has received since the last call. It sends a marker event and waits for it: the marker is
     * delivered last, or together with the others.
     *
     * @returns {Promise<{type: string, source: string, detail: EventDetail}[]>}
     */
    async publishedEvents() {
      const marker = randomUUID();
      const Detail = JSON.stringify({ marker });
      await events.send(
        new PutEventsCommand({ Entries: [{ EventBusName: bus, Source: SOURCE, DetailType: 'Marker', Detail }] }),
      );
      /** @type {ReceivedEvent[]} */
      const received = [];
      await eventually(`the marker event of ${name} in ${region}`, async () => {
        for (let batch = await receive(); batch.length > 0; batch = await receive()) received.push(...batch);
        return received.some(({ detail }) => detail.marker === marker) || undefined;
      });
      return received
        .filter((event) => event['detail-type'] !== 'Marker')
        .map((event) => ({ type: event['detail-type'], source: event.source, detail: event.detail }));
    },
  };
}
