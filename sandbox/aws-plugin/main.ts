// A stand-in for Pulumi's AWS plugin: Route 53 records and zones only. Started by the engine as
// `pulumi-resource-aws [flags] <engine address>`; the first line of stdout is the port it listens on.
import * as grpc from "@grpc/grpc-js";
import providerServices from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { watchEngine } from "../engine/watch-engine.js";
import { AwsPlugin } from "./plugin.js";

const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
server.addService(providerServices.ResourceProviderService, new AwsPlugin().handlers());
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
	if (error !== null) {
		console.error(`The stand-in for the AWS plugin cannot listen on loopback: ${error.message}`);
		process.exit(1);
	}
	console.log(String(port));
	watchEngine(process.argv.at(-1) ?? "", () => process.exit(1));
});
