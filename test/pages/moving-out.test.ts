import { expect, test } from "vitest";
import { apiOf } from "../support/channels-api.js";
import { useStage } from "../support/stage.js";

const stage = useStage();

const program = (name: string, args: string, options: string) => `
import { SesSetup } from "pulumi-channels";
new SesSetup("${name}", { tenantName: "moving", domainIdentity: "mail.moving.test", route53: true, ${args} }, ${options});
`;

test("a setup leaves a stack that retains it, and another takes it in with its records", {
	timeout: 600_000,
}, async () => {
	const zone = stage.sandbox.route53.createZone("moving.test");
	const empty = stage.sandbox.route53.snapshot(zone.id);
	const setups = async () => {
		const { body } = await apiOf(stage.service)("GET", "/channels/ses-setup");
		return (body as { items: unknown[] }).items.length;
	};
	await using old = await stage.project({ program: program("mail", "", "{ retainOnDelete: true }") });
	await old.up();
	const standing = stage.sandbox.route53.snapshot(zone.id);
	expect(standing).not.toBe(empty);

	await old.replaceProgram("export {};");
	await old.up();
	expect((await old.resources()).filter(({ type }) => type.includes("channels"))).toEqual([]);
	expect([await setups(), stage.sandbox.route53.snapshot(zone.id)]).toEqual([1, standing]);

	await using next = await stage.project({ program: program("mail", "adoptExisting: true", "{}") });
	await next.up();
	expect(stage.sandbox.route53.snapshot(zone.id)).toBe(standing);
	await next.destroy();
	expect([await setups(), stage.sandbox.route53.snapshot(zone.id)]).toEqual([0, empty]);
});
