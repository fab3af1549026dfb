import { afterAll, beforeAll, expect, it } from "vitest";
import { type Rig, startRig } from "../provider/rig.js";
import { type DeploymentEvent, Stack } from "../support/deployment/deployment.js";
import type { DeclaredSetup } from "../support/deployment/program.js";

let rig: Rig;
beforeAll(async () => {
	rig = await startRig();
});
afterAll(() => rig[Symbol.asyncDispose]());

const whole = (name: string, more: Partial<DeclaredSetup> = {}): DeclaredSetup => ({
	name: "mail",
	tenantName: name,
	domainIdentity: `mail.${name}.test`,
	route53: {},
	waitForVerification: {},
	...more,
});

const stepsOf = ({ steps }: { steps: readonly { kind: string; urn: string }[] }) =>
	steps.map(({ kind, urn }) => `${kind} ${urn.slice(urn.lastIndexOf("::") + 2)}`);

/** A stack, whose events are kept, and a zone of this name. */
function scene(name: string) {
	const zone = rig.sandbox.route53.createZone(`${name}.test`);
	const events: DeploymentEvent[] = [];
	const options = () => ({ world: rig.world(), on: (event: DeploymentEvent) => events.push(event) });
	const records = () => rig.sandbox.route53.records(zone.id).length - 2;
	return { stack: new Stack(name), zone, events, options, records };
}

it("makes a setup, its records and its wait in this order, and then finds nothing to do", async () => {
	const { stack, options, records } = scene("ordered");
	const up = await stack.up([whole("ordered")], options());
	expect(up.failures).toEqual([]);
	expect(stepsOf(up)).toEqual(["create mail", "create mail-records", "create mail-verification"]);
	expect(records()).toBe(5);
	expect(stepsOf(await stack.up([whole("ordered")], options()))).toEqual([]);
	expect(stepsOf(await stack.destroy(options()))).toEqual([
		"delete mail-verification",
		"delete mail-records",
		"delete mail",
	]);
	expect(records()).toBe(0);
	expect(stack.resources).toEqual([]);
});

it("deletes what is replaced, with all that depends on it, before it makes the new one", async () => {
	const { stack, options } = scene("replaced");
	await stack.up([whole("replaced")], options());
	const up = await stack.up([whole("replaced", { tenantName: "replaced-anew" })], options());
	expect(up.failures).toEqual([]);
	expect(stepsOf(up)).toEqual([
		"delete mail-verification",
		"delete mail-records",
		"delete mail",
		"replace mail",
		"replace mail-records",
		"replace mail-verification",
	]);
	await stack.destroy(options());
});

it("takes a resource by its alias, and keeps one whose children are turned off", async () => {
	const { stack, options, records } = scene("aliased");
	const { waitForVerification: _, ...published } = whole("aliased", { route53: {} });
	await stack.up([published], options());
	const renamed = { ...published, name: "post", aliases: ["mail"] };
	expect(stepsOf(await stack.up([renamed], options()))).toEqual([]);
	expect(stack.resources.map(({ name }) => name)).toEqual(["post", "post-records"]);
	const { route53: __, ...bare } = renamed;
	expect(stepsOf(await stack.up([bare], options()))).toEqual(["update post", "delete post-records"]);
	expect(records()).toBe(0);
	await stack.destroy(options());
});

it("does not begin the children of what failed, and records what came before", async () => {
	const { stack, zone, options, events } = scene("refused");
	rig.sandbox.route53.put(zone.id, { name: "mail.refused.test", type: "MX", values: ["10 mx.else.test."] });
	const { failures } = await stack.up([whole("refused")], options());
	expect(failures.map(({ message }) => message)).toEqual([expect.stringContaining("mx.else.test")]);
	expect(stack.resources).toEqual([]);
	expect(events.filter(({ type }) => type === "began")).toHaveLength(1);
});

it("records nothing that ends after the kill", async () => {
	const { stack, options, records } = scene("killed");
	const kill = new AbortController();
	const stop = new AbortController();
	const killed = await stack.up([whole("killed")], {
		world: rig.world(stop),
		kill: kill.signal,
		on: ({ type, ...event }) => {
			if (type === "began" && "step" in event && event.step?.urn.endsWith("mail-records")) kill.abort();
		},
	});
	expect(killed.killed).toBe(true);
	expect(stack.resources.map(({ name }) => name)).toEqual(["mail"]);
	stop.abort(new Error("killed"));
	const up = await stack.up([whole("killed")], options());
	expect(up.failures).toEqual([]);
	expect(records()).toBe(5);
	await stack.destroy(options());
	expect(records()).toBe(0);
});

it("previews without a call that changes anything", async () => {
	const { stack, options } = scene("previewed");
	await stack.up([whole("previewed")], options());
	rig.sandbox.log.clear();
	const preview = await stack.preview([whole("previewed", { tenantName: "previewed-anew" })], options());
	expect(preview.failures).toEqual([]);
	expect(rig.sandbox.log.all({ service: "channels" }).map(({ operation }) => operation)).toEqual([
		"GET ses-setup",
	]);
	await stack.destroy(options());
});
