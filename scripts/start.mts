// `npm start`: sandbox and Channels API on loopback, then the real `pulumi up` of the quick start against
// them. `-- --embedded` uses the API in the provider instead, so that the sandbox's AWS is all there is.
// `-- --keep` leaves all running and prints how to go on.
import { once } from "node:events";
import { parseArgs } from "node:util";
import { ensurePulumi } from "@pulumi-channels/sandbox/engine";
import { type OwnApi, startApi, startBackdrop } from "./start/backdrop.mts";
import { createStack } from "./start/stack.mts";
import { howToGoOn, outcome } from "./start/summary.mts";

const tenant = "acme-support";
const domain = "mail.acme.com";
const zone = "acme.com";

async function main(): Promise<number> {
	const { values } = parseArgs({
		options: { embedded: { type: "boolean", default: false }, keep: { type: "boolean", default: false } },
	});
	const interrupted = new AbortController();
	const interrupt = (signal: NodeJS.Signals) => interrupted.abort(new Error(`Interrupted by ${signal}`));
	// Once: a second ^C ends this process at once, as everywhere.
	process.once("SIGINT", interrupt).once("SIGTERM", interrupt);

	const engine = await ensurePulumi({ log: console.log, signal: interrupted.signal });
	console.log(`The real Pulumi CLI ${engine.version}: ${engine.command}`);
	await using backdrop = await startBackdrop(zone);
	await using api = values.embedded ? undefined : await startApi(backdrop.sandbox);
	console.log(`Channels API: ${api?.url ?? "built into the provider"}`);
	console.log(`Route 53, SESv2 and DNS of the sandbox, with the zone ${zone}: ${backdrop.dnsServer}`);
	interrupted.signal.throwIfAborted();

	await using stack = await createStack(engine, backdrop.env, settingsOf(api));
	console.log("\n$ pulumi up");
	const code = await stack.up();
	interrupted.signal.throwIfAborted();
	if (code !== 0) throw new Error(`pulumi up failed (exit code ${code})`);
	console.log(outcome(await stack.outputs(), domain));

	if (values.keep) {
		const { dnsServer } = backdrop;
		console.log(howToGoOn({ api, dnsServer, environmentFile: stack.environmentFile, domain }));
		if (!interrupted.signal.aborted) await once(interrupted.signal, "abort");
		console.log("\nStopping.");
	}
	return 0;
}

function settingsOf(api: OwnApi | undefined) {
	const names = { tenant, domain };
	return api
		? {
				plaintext: { ...names, "channels:baseUrl": api.url, "channels:workspaceId": api.workspaceId },
				secret: { "channels:apiKey": api.key },
			}
		: { plaintext: { ...names, "channels:api": "embedded", "aws:region": "us-east-1" }, secret: {} };
}

main().then(
	(code) => {
		process.exitCode = code;
	},
	(error: unknown) => {
		console.error(`npm start: ${error instanceof Error ? error.message : error}`);
		process.exitCode = 1;
	},
);
