/**
 * Entry point of the function behind each region's load balancer: the records API. It wires the parts together and reads the
 * environment variables: AWS_REGION and AWS_LAMBDA_FUNCTION_NAME (set by Lambda), PARAMETER_PATH (prefix of the function's parameters in Parameter Store of
 * the same region), DR_ROLE (primary or secondary), VERSION_RETENTION_DAYS and LEGAL_HOLD (how long versions of records are kept),
 * LOG_LEVEL, and AUDIT_LOG_GROUP (the log group of the audit trail; the function's own log if it is not set).
 */
import process from 'node:process';

import { createAudit } from './audit.js';
import { createClients } from './aws/clients.js';
import { createDocuments } from './aws/documents.js';
import { createEvents } from './aws/events.js';
import { createParameters } from './aws/parameters.js';
import { createSecret } from './aws/secret.js';
import { createStore } from './database/store.js';
import { createHandler } from './handler.js';
import { createLogger } from './log.js';
import { readRetention } from './retention.js';

const [region, path, role] = ['AWS_REGION', 'PARAMETER_PATH', 'DR_ROLE'].map((name) => {
  const value = process.env[name];
  if (!value) throw new Error(`the environment has no ${name}: the function's configuration must set it`);
  return value;
});

const retention = readRetention(process.env);
const log = createLogger({ level: process.env.LOG_LEVEL, region, functionName: process.env.AWS_LAMBDA_FUNCTION_NAME });
const clients = createClients({ region });
const parameters = createParameters({ client: clients.ssm, path, log });
const documents = createDocuments({ client: clients.s3, parameters });
const secret = createSecret({ client: clients.secrets });
const events = createEvents({ client: clients.events, parameters });
const store = createStore({ parameters, secret, events, documents, region, retention, log });
const audit = createAudit({
  client: clients.logs,
  group: process.env.AUDIT_LOG_GROUP,
  // Lambda's name of the instance's stream, which is its alone (AWS Lambda Developer Guide, "Using environment variables").
  stream: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
  key: store.auditKey,
  region,
  log,
});

// Initialization reads the parameters and the secret and opens the first connection. Together they take longer than a health
// check may, so they are done before the first request.
await store.canRead();

/** The handler that Lambda invokes; see createHandler. */
export const handler = createHandler({ store, documents, parameters, log, audit, region, role });
