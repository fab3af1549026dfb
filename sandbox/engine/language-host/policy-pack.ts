import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import language from "@pulumi/pulumi/proto/language_pb.js";

type PluginCall = grpc.ServerWritableStream<language.RunPluginRequest, language.RunPluginResponse>;

/**
 * Runs a policy pack, passing on what it prints: first its port, by which the engine finds it.
 *
 * Pulumi's own host puts the stack's name and configuration into the pack's environment as well. A policy is told
 * of every resource what it needs; a pack that reads `pulumi.Config` needs the official CLI.
 */
export async function runPolicyPack(call: PluginCall, track: (child: ChildProcess) => void): Promise<void> {
	const fail = (details: string) => call.emit("error", { code: grpc.status.UNKNOWN, details });
	const kind = call.request.getKind();
	if (kind !== "analyzer") {
		fail(`This language host runs no plugins of kind "${kind}": install the official Pulumi CLI for that`);
		return;
	}
	const directory = call.request.getInfo()?.getProgramDirectory() ?? "";
	const options = call.request.getInfo()?.getOptions()?.toJavaScript() ?? {};
	let runner: string;
	try {
		runner = createRequire(join(directory, "index.js")).resolve("@pulumi/pulumi/cmd/run-policy-pack");
	} catch {
		fail(`@pulumi/pulumi is not installed in ${directory}: run \`npm install\` there`);
		return;
	}
	const child = spawn(process.execPath, [runner, ...call.request.getArgsList(), directory], {
		// As Pulumi's own host does: a pack finds its tsconfig.json in its folder, whatever folder the CLI runs in.
		cwd: directory,
		env: {
			...Object.fromEntries(call.request.getEnvList().map(splitVariable)),
			...(options.typescript === false ? {} : { PULUMI_NODEJS_TYPESCRIPT: "true" }),
		},
		stdio: ["ignore", "pipe", "pipe"],
	});
	track(child);
	// The engine needs it no more: it tells a pack so by ending the call, and by nothing else.
	call.once("cancelled", () => child.kill("SIGKILL"));
	child.stdout.on("data", (chunk: Buffer) => call.write(new language.RunPluginResponse().setStdout(chunk)));
	child.stderr.on("data", (chunk: Buffer) => call.write(new language.RunPluginResponse().setStderr(chunk)));
	const code = await new Promise<number | string>((resolve) => {
		child.once("error", (error) => resolve(error.message));
		child.once("close", (code, signal) => resolve(code ?? `ended by ${signal}`));
	});
	if (call.cancelled) return;
	if (typeof code === "string") {
		fail(`The policy pack in ${directory} could not run: ${code}`);
		return;
	}
	call.write(new language.RunPluginResponse().setExitcode(code));
	call.end();
}

function splitVariable(variable: string): [name: string, value: string] {
	const end = variable.indexOf("=");
	return [variable.slice(0, end), variable.slice(end + 1)];
}
