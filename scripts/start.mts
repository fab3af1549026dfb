// `npm start`: sandbox and Channels API on loopback, then the real `pulumi up` of the quick start against
// them. `-- --keep` leaves all running and prints how to go on.
import { once } from "node:events";
import { parseArgs } from "node:util";
import { ensurePulumi } from "@pulumi-channels/sandbox/engine";
import { startBackdrop } from "./start/backdrop.mts";
import { createStack } from "./start/stack.mts";
import { howToGoOn, outcome } from "./start/summary.mts";

const tenant = "acme-support";
const domain = "mail.acme.com";
const zone = "acme.com";

async function main(): Promise<number> {
	const { values } = parseArgs({ options: { keep: { type: "boolean", default: false } } });
	const interrupted = new AbortController();
	const interrupt = (signal: NodeJS.Signals) => interrupted.abort(new Error(`Interrupted by ${signal}`));
	// Once: a second ^C ends this process at once, as everywhere.
	process.once("SIGINT", interrupt).once("SIGTERM", interrupt);

	const engine = await ensurePulumi({ log: console.log, signal: interrupted.signal });
	console.log(`The real Pulumi CLI ${engine.version}: ${engine.command}`);
	await using backdrop = await startBackdrop(zone);
	console.log(`Channels API: ${backdrop.apiUrl}`);
	console.log(`Route 53, SESv2 and DNS of the sandbox, with the hosted zone ${zone}: ${backdrop.dnsServer}`);
	interrupted.signal.throwIfAborted();

	await using stack = await createStack(engine, backdrop, { tenant, domain });
	console.log("\n$ pulumi up");
	const code = await stack.up();
	interrupted.signal.throwIfAborted();
	if (code !== 0) throw new Error(`pulumi up failed (exit code ${code})`);
	console.log(outcome(await stack.outputs(), domain));

	if (values.keep) {
		console.log(howToGoOn({ backdrop, environmentFile: stack.environmentFile, domain }));
		if (!interrupted.signal.aborted) await once(interrupted.signal, "abort");
		console.log("\nStopping.");
	}
	return 0;
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
