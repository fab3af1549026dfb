// Started by the engine as `pulumi-language-nodejs [flags] <engine address>`. The engine reads the port
// from the first line of stdout and shows everything after it to the user.
import * as grpc from "@grpc/grpc-js";
import languageServices from "@pulumi/pulumi/proto/language_grpc_pb.js";
import { watchEngine } from "../watch-engine.js";
import { LanguageHost } from "./language-host.js";

const engineAddress = process.argv.at(-1) ?? "";
const host = new LanguageHost(engineAddress);

// -1 lifts gRPC's 4 MB limit, as Pulumi's own hosts do: configuration and programs' states can be large.
const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
server.addService(languageServices.LanguageRuntimeService, host.handlers());
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
	if (error !== null) {
		console.error(`The Node.js language host cannot listen on loopback: ${error.message}`);
		process.exit(1);
	}
	console.log(String(port));
	watchEngine(engineAddress, () => {
		host.signalChildren("SIGKILL");
		process.exit(1);
	});
});
