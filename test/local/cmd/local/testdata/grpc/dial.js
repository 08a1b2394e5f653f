// Calls an engine at each address that is given, where none need listen: what counts is who is asked for a connection.
import * as grpc from '@grpc/grpc-js';
import engineMessages from '@pulumi/pulumi/proto/engine_pb.js';
import engineServices from '@pulumi/pulumi/proto/engine_grpc_pb.js';

for (const address of process.argv.slice(2)) {
  const client = new engineServices.EngineClient(address, grpc.credentials.createInsecure());
  await new Promise((resolve) => client.getRootResource(new engineMessages.GetRootResourceRequest(), resolve));
  client.close();
}
process.exit(); // Node would wait for connections to a proxy that are still open.
