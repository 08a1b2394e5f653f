// An engine on Node.js's gRPC, in the place of Pulumi's, which is in Go: it serves the calls of a plugin, starts the plugin
// that its first argument names, has it make a component, and prints as JSON what it saw.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import * as grpc from '@grpc/grpc-js';
import engineServices from '@pulumi/pulumi/proto/engine_grpc_pb.js';
import providerMessages from '@pulumi/pulumi/proto/provider_pb.js';
import providerServices from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import resourceMessages from '@pulumi/pulumi/proto/resource_pb.js';
import resourceServices from '@pulumi/pulumi/proto/resource_grpc_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import struct from 'google-protobuf/google/protobuf/struct_pb.js';

const URN = 'urn:pulumi:local::probe::probe:index:Component::one';
const seen = { logged: [], registered: [] };

const server = new grpc.Server();
server.addService(engineServices.EngineService, {
  log: (call, answer) => {
    seen.logged.push(call.request.getMessage());
    answer(null, new empty.Empty());
  },
});
server.addService(resourceServices.ResourceMonitorService, {
  supportsFeature: (call, answer) => answer(null, new resourceMessages.SupportsFeatureResponse()),
  registerResource: (call, answer) => {
    seen.registered.push(`${call.request.getType()} ${call.request.getName()}`);
    const response = new resourceMessages.RegisterResourceResponse();
    response.setUrn(URN);
    response.setObject(struct.Struct.fromJavaScript({}));
    answer(null, response);
  },
  registerResourceOutputs: (call, answer) => answer(null, new empty.Empty()),
});
const port = await new Promise((resolve, reject) => {
  server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound)));
});
const address = `127.0.0.1:${port}`;

const plugin = spawn(process.execPath, [process.argv[2], address], { stdio: ['ignore', 'pipe', 'inherit'] });
try {
  const [line] = await once(createInterface({ input: plugin.stdout }), 'line');
  const client = new providerServices.ResourceProviderClient(`127.0.0.1:${line}`, grpc.credentials.createInsecure());
  const call = (method, request) =>
    new Promise((resolve, reject) => {
      client[method](request, (error, response) => (error ? reject(error) : resolve(response)));
    });
  seen.version = (await call('getPluginInfo', new empty.Empty())).getVersion();
  const request = new providerMessages.ConstructRequest();
  request.setProject('probe');
  request.setStack('local');
  request.setType('probe:index:Component');
  request.setName('one');
  request.setParallel(1);
  request.setMonitorendpoint(address);
  request.setInputs(struct.Struct.fromJavaScript({ greeting: 'hello' }));
  const made = await call('construct', request);
  seen.urn = made.getUrn();
  seen.state = made.getState().toJavaScript();
  console.log(JSON.stringify(seen));
} catch (error) {
  console.error(`calling the plugin: ${error.message}`);
  process.exitCode = 1;
} finally {
  plugin.kill();
}
// Node would wait for connections that are still open, those to a proxy among them.
process.exit();
