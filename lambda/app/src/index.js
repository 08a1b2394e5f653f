/**
 * The function behind each region's load balancer: the records API. This file is its wiring, and reads its environment:
 * PARAMETER_PATH, below which Parameter Store of the same region has the rest; DR_ROLE; LOG_LEVEL; and Lambda's AWS_REGION.
 */
import process from 'node:process';

import { createClients } from './aws/clients.js';
import { createDocuments } from './aws/documents.js';
import { createEvents } from './aws/events.js';
import { createParameters } from './aws/parameters.js';
import { createSecret } from './aws/secret.js';
import { createStore } from './database/store.js';
import { createHandler } from './handler.js';
import { createLogger } from './log.js';

const [region, path, role] = ['AWS_REGION', 'PARAMETER_PATH', 'DR_ROLE'].map((name) => {
  const value = process.env[name];
  if (!value) throw new Error(`the environment has no ${name}: the function's configuration must set it`);
  return value;
});

const log = createLogger({ level: process.env.LOG_LEVEL, region });
const clients = createClients({ region });
const parameters = createParameters({ client: clients.ssm, path, log });
const documents = createDocuments({ client: clients.s3, parameters });
const secret = createSecret({ client: clients.secrets });
const events = createEvents({ client: clients.events, parameters });
const store = createStore({ parameters, secret, events, region, log });

// Parameters, secret and the first connection, together slower than a health check may be, are there before the first request.
await store.canRead();

/** What Lambda calls; see createHandler. */
export const handler = createHandler({ store, documents, parameters, log, region, role });
