/**
 * A process that makes a change and kills itself before it publishes the event, or right after the bus has accepted it:
 * node crashprocess.js <region> <path> before|after <patient>
 */
import { createClients } from '../../src/aws/clients.js';
import { createEvents } from '../../src/aws/events.js';
import { createParameters } from '../../src/aws/parameters.js';
import { makeStore } from './environment.js';

const [region, path, moment, patient] = process.argv.slice(2);
const clients = createClients({ region });
const parameters = createParameters({ client: clients.ssm, path, log: { warn() {} } });
const events = createEvents({ client: clients.events, parameters });
const store = makeStore(
  { region, path },
  {
    events: {
      async publish(batch) {
        if (moment === 'after') await events.publish(batch);
        process.kill(process.pid, 'SIGKILL');
        return new Promise(() => {}); // Nothing else happens until the signal arrives.
      },
    },
  },
);
await store.create({ patient, content: '{}', subject: 'dr-jones' });
