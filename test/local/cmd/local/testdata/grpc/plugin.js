// A plugin of Pulumi's on its own Node.js server, as the official awsx plugin is one: it listens over gRPC for the engine, and
// calls the engine over gRPC while it makes a component.
import * as pulumi from '@pulumi/pulumi';
import { main } from '@pulumi/pulumi/provider/index.js';

const construct = async (name, type, inputs, options) => {
  await pulumi.log.info(`making ${name}`);
  const component = new pulumi.ComponentResource(type, name, {}, options);
  return { urn: component.urn, state: { greeting: pulumi.output(inputs.greeting) } };
};

await main({ version: '1.0.0', schema: '{}', construct }, process.argv.slice(2));
