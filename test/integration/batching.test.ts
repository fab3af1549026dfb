// @module-tag all
import { expect, test } from "vitest";
import { startStage } from "../support/stage.js";

const program = `
import { SesSetup } from "pulumi-channels";
for (let index = 0; index < 12; index += 1) {
	new SesSetup(\`setup-\${index}\`, {
		tenantName: \`tenant-\${index}\`,
		domainIdentity: \`d\${index}.wait.test\`,
		route53: true,
		waitForVerification: true,
	});
}
`;

test("no wait begins before the records of every setup are written, however few may work at once", async () => {
	await using stage = await startStage({ sandbox: { route53: { insyncMs: 4_000 } } });
	stage.sandbox.route53.createZone("wait.test");
	await using project = await stage.project({ program });
	await project.up({ args: ["--parallel", "4"] });
	const log = stage.sandbox.log.all();
	const changes = log.filter(({ operation }) => operation === "ChangeResourceRecordSets");
	const verified = log.filter(({ operation }) => operation === "POST ses-setup/{id}/verify");
	expect(verified).toHaveLength(12);
	const lastChange = Math.max(...changes.map(({ at }) => at));
	// Who has written his records first, has had them everywhere 4 s later.
	for (const { at } of verified) expect(at).toBeGreaterThan(lastChange);
	// A change is asked for until it is everywhere, and then all of them are.
	expect(stage.calls("route53").GetChange).toBeLessThanOrEqual(8);
});
