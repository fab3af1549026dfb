import { inject, test } from "vitest";
import { startSandbox } from "../sandbox/index.js";
import { createProject } from "../test/support/project.js";
import { startTestService } from "../test/support/service.js";
import { setups } from "./programs.js";
import { addRow } from "./table.js";

const insyncMs = 10_000;

test("an API whose resolver remembers a no for 900 seconds", async () => {
	await using undo = new AsyncDisposableStack();
	const sandbox = await startSandbox({ route53: { insyncMs } });
	undo.defer(() => sandbox.close());
	// The zone's SOA says 900 s, and this resolver heeds it.
	const service = await startTestService({ sandbox, dnsServers: [sandbox.dns.resolver] });
	undo.defer(() => service.stop());
	sandbox.route53.createZone("bench.test");
	const project = undo.use(
		await createProject({
			program: setups(1),
			config: { "channels:workspaceId": service.workspaceId, "channels:baseUrl": service.url },
			secretConfig: { "channels:apiKey": service.apiKey },
			env: sandbox.env(),
		}),
	);
	await project.up();
	const endedAt = Date.now();
	const [change] = sandbox.log.all({ operation: "ChangeResourceRecordSets" });
	addRow(inject("rows"), {
		what: "from publishing to verified, negative cache of 900 s",
		ours: (endedAt - (change?.at ?? Number.NaN)) / 1000,
		floor: insyncMs / 1000,
		against: "Route 53's time to INSYNC",
	});
}, 1_200_000);
