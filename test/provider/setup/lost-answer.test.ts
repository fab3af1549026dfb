import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { shown, type Words } from "../../../dns/index.js";
import { RemoteChannels } from "../../../provider/core/channels/remote/remote.js";
import type { Names } from "../../../provider/core/channels/setup.js";
import { setupHandler } from "../../../provider/core/setup/handler.js";
import { register } from "../../../provider/core/setup/registration.js";
import type { World } from "../../../provider/core/world.js";
import type { FaultRule, LoggedRequest } from "../../../sandbox/index.js";
import { ChannelsClient, type HttpRequest } from "../../../sdk/index.js";
import { createHttpTransport } from "../../../sdk/transport.js";
import { apiOf } from "../../support/channels-api.js";
import { HastyClock } from "../hasty-clock.js";
import { type Rig, startRig } from "../rig.js";

type Effect = FaultRule["effect"];

let rig: Rig;
beforeAll(async () => {
	rig = await startRig();
});
afterAll(() => rig[Symbol.asyncDispose]());
afterEach(() => rig.sandbox.faults.clear());

const create = { service: "channels", operation: "POST ses-setup" } as const;

let count = 0;
function fresh(): Names {
	count += 1;
	rig.sandbox.log.clear();
	return { tenant: `lost-${count}`, domain: `mail.lost-${count}.test` };
}

const isAbout =
	({ tenant }: Names) =>
	(input: unknown) =>
		String((input as { body?: unknown }).body).includes(`"${tenant}"`);

/** Fails the POSTs of these names. */
const fail = (names: Names, effect: Effect, more: Partial<FaultRule> = {}) =>
	rig.sandbox.faults.add({ ...create, match: isAbout(names), effect, ...more });

const posts = (names: Names): LoggedRequest[] =>
	rig.sandbox.log.all(create).filter(({ input }) => isAbout(names)(input));
const keys = (names: Names) =>
	posts(names).map(
		({ input }) => (input as { headers: Record<string, string | undefined> }).headers["idempotency-key"],
	);
const setups = ({ tenant }: Names) => rig.sandbox.ses.tenants().filter(({ name }) => name === tenant).length;

/** The world of a process whose API does not know keys: as if nothing had been sent. */
function keyless(world: World): World {
	const http = createHttpTransport();
	const channels = new ChannelsClient({
		apiKey: rig.service.apiKey,
		workspaceId: rig.service.workspaceId,
		baseUrl: rig.baseUrl,
		clock: new HastyClock(),
		transport: {
			close: () => http.close(),
			send({ headers, ...request }: HttpRequest) {
				const { "idempotency-key": _, ...others } = headers;
				return http.send({ ...request, headers: others });
			},
		},
	});
	return { ...world, channels: new RemoteChannels(channels) };
}

function start(names: Names, { world = rig.world(), controller = new AbortController() } = {}) {
	const warnings: string[] = [];
	const progress = { show() {}, warn: (words: Words) => warnings.push(shown(words)) };
	return {
		made: register({ ...world, progress, stop: controller.signal }, names, false),
		warnings,
		controller,
	};
}

/** What a registration came to: the setup that it owns, or what it says. */
const ended = (made: Promise<{ id: string }>): Promise<{ owned?: string; error?: string }> =>
	made.then(
		({ id }) => ({ owned: id }),
		(error: Error) => ({ error: error.message }),
	);

const remove = (id: string) => apiOf(rig.service)("DELETE", `/channels/ses-setup/${id}`);

/** The first request arrives, or arrives again, when nobody waits for it any more. */
const copyOfFirst = (names: Names) =>
	apiOf(rig.service)<{ id: string }>("POST", "/channels/ses-setup", {
		json: { tenant_name: names.tenant, domain_identity: names.domain },
		headers: { "idempotency-key": keys(names)[0] ?? "" },
	});

const answer = (status: number, when: "before" | "after"): Effect => ({
	kind: "answer",
	status,
	body: '{"detail":"Oops."}',
	when,
});
const ends: [string, Effect][] = [
	["the connection lost before the work", { kind: "drop", when: "before" }],
	["the connection lost after it", { kind: "drop", when: "after" }],
	["an answer that breaks off", { kind: "cut" }],
	["a 500 before the work", answer(500, "before")],
	["a 500 after it", answer(500, "after")],
	["a 502 before the work", answer(502, "before")],
	["a 504 after it", answer(504, "after")],
	["a 201 that cannot be read", { kind: "answer", status: 201, body: "<html>", when: "after" }],
];
const isDone = (effect: Effect) => ("when" in effect ? effect.when === "after" : true);

describe("a registration whose answer is lost", () => {
	test.each(ends)("is sent again with its key, and made once: %s", async (_, effect) => {
		const names = fresh();
		fail(names, effect, { times: 3 });
		const { id } = await start(names).made;
		const sent = keys(names);
		expect([sent.length, new Set(sent).size]).toEqual([4, 1]);
		expect(setups(names)).toBe(1);
		expect((await apiOf(rig.service)("GET", `/channels/ses-setup/${id}`)).status).toBe(200);
	});

	test.each(ends)("four times says what to do, which does it: %s", async (_, effect) => {
		const names = fresh();
		const lift = fail(names, effect, { times: 4 });
		await expect(start(names).made).rejects.toThrow(
			/Nobody knows whether that made a setup\. Run `pulumi up` again\..*`adoptExisting: true`/,
		);
		lift();
		expect([posts(names).length, setups(names)]).toEqual([4, isDone(effect) ? 1 : 0]);
		const { error } = await ended(start(names).made);
		if (!isDone(effect)) return expect(error).toBeUndefined();
		expect(error).toMatch(/the workspace has this setup already.*`adoptExisting: true`/s);
		const inputs = { tenantName: names.tenant, domainIdentity: names.domain, adoptExisting: true };
		expect(await setupHandler.create(rig.world(), inputs)).toMatchObject({ id: expect.any(String) });
	});

	test("is known as deleted where somebody deletes the setup meanwhile, and not made anew", async () => {
		const names = fresh();
		fail(names, { kind: "drop", when: "after" });
		const { promise: until, resolve } = Promise.withResolvers<void>();
		fail(names, { kind: "hold", until }, { from: 2 });
		const ending = ended(start(names).made);
		await rig.sandbox.log.until(() => posts(names).length === 2);
		const [item] = (
			await apiOf(rig.service)<{ items: { id: string; tenant_name: string }[] }>(
				"GET",
				"/channels/ses-setup?limit=20",
			)
		).body.items.filter(({ tenant_name }) => tenant_name === names.tenant);
		await remove(item?.id ?? "");
		resolve();
		const { error } = await ending;
		expect(error).toMatch(/somebody has deleted it since\. Run `pulumi up` again\./);
		expect(error).toContain(item?.id);
		expect(setups(names)).toBe(0);
		expect((await ended(start(names).made)).owned).toBeDefined();
	});
});

test("a first request that may arrive once what is in its way has gone is told of, and what it makes is named", async () => {
	const names = fresh();
	const inWay = await start({ ...names, tenant: `${names.tenant}-before` }).made;
	fail(names, { kind: "drop", when: "before" });
	const { error } = await ended(start(names).made);
	expect(error).toMatch(/only one of the two is the same.*first request.*got lost.*`adoptExisting: true`/s);
	expect(error).toContain(`tenant ${names.tenant} and domain ${names.domain} exists after all`);
	await remove(inWay.id);
	const late = await copyOfFirst(names);
	expect(late.status).toBe(201);
	expect((await ended(start(names).made)).error).toContain(late.body.id);
});

test("a first request that may still arrive is told of where what there is cannot be taken over", async () => {
	const names = fresh();
	fail(names, { kind: "drop", when: "before" });
	const { promise: until, resolve } = Promise.withResolvers<void>();
	fail(names, { kind: "hold", until }, { from: 2 });
	// One list comes before the registration, and one tells what has its names.
	const list = { service: "channels", operation: "GET ses-setup", from: 3, times: 4 };
	rig.sandbox.faults.add({ ...list, effect: { kind: "drop", when: "before" } });
	const inputs = { tenantName: names.tenant, domainIdentity: names.domain, adoptExisting: true };
	const ending = ended(setupHandler.create(rig.world(), inputs));
	await rig.sandbox.log.until(() => posts(names).length === 2);
	const json = { tenant_name: names.tenant, domain_identity: names.domain };
	expect((await apiOf(rig.service)("POST", "/channels/ses-setup", { json })).status).toBe(201);
	resolve();
	expect((await ending).error).toContain(
		`a setup of tenant ${names.tenant} and domain ${names.domain} exists after all`,
	);
});

describe("at an API that does not know keys", () => {
	test.each(ends)("nothing is taken over by guess: %s", async (_, effect) => {
		const names = fresh();
		fail(names, effect);
		const { owned, error } = await ended(start(names, { world: keyless(rig.world()) }).made);
		expect([posts(names).length, setups(names)]).toEqual([2, 1]);
		if (!isDone(effect)) return expect(owned).toBeDefined();
		expect(error).toMatch(
			/has this setup already: [0-9a-f-]{36} .*the first request may have made it\. Nothing was taken over\..*`adoptExisting: true`/s,
		);
	});

	test("what the first request has made is taken over where the program says so", async () => {
		const names = fresh();
		fail(names, { kind: "drop", when: "after" });
		const inputs = { tenantName: names.tenant, domainIdentity: names.domain, adoptExisting: true };
		const { outputs } = await setupHandler.create(keyless(rig.world()), inputs);
		expect(outputs).toMatchObject({ domainIdentity: names.domain });
		expect([posts(names).length, setups(names)]).toEqual([2, 1]);
	});
});

describe("two stacks that register the same names at the same moment", () => {
	const losses: Effect[] = [
		{ kind: "drop", when: "before" },
		{ kind: "drop", when: "after" },
	];
	const each = losses.flatMap((first) => losses.map((second) => [first, second] as const));

	for (const [kind, worldOf] of [
		["the service", (world: World) => world],
		["an API that does not know keys", keyless],
	] as const)
		test.each(each)(
			`never both own it where both answers get lost, %o and %o, at ${kind}`,
			async (...effects) => {
				const names = fresh();
				for (const [index, effect] of effects.entries()) fail(names, effect, { from: index + 1 });
				const results = await Promise.all(
					[1, 2].map(() => ended(start(names, { world: worldOf(rig.world()) }).made)),
				);
				const owners = results.filter(({ owned }) => owned !== undefined);
				expect(owners.length).toBeLessThanOrEqual(1);
				if (kind === "the service") expect(owners).toHaveLength(1);
				expect(setups(names)).toBe(1);
				for (const { owned, error } of results) expect(owned ?? error).toMatch(/./);
			},
		);
});

describe("a run that is stopped while in doubt", () => {
	const isDoubt = expect.stringMatching(/nobody knows whether it made a setup.*`adoptExisting: true`/);
	const stop = new Error("Told to stop.");
	const slow: Effect = {
		kind: "answer",
		status: 504,
		headers: { "content-type": "application/json", "retry-after": "30" },
		body: '{"detail":"Slow."}',
		when: "after",
	};

	test("sends nothing more, and warns", async () => {
		const names = fresh();
		fail(names, slow);
		const { made, warnings, controller } = start(names);
		const ending = expect(made).rejects.toBe(stop);
		await rig.sandbox.log.until(() => posts(names)[0]?.endedAt !== undefined);
		controller.abort(stop);
		await ending;
		expect([posts(names).length, warnings]).toEqual([1, [isDoubt]]);
	});

	test("and has not noticed it yet, looks before it sends anything", async () => {
		const names = fresh();
		fail(names, { kind: "drop", when: "after" });
		const controller = new AbortController();
		const world = {
			...rig.world(),
			async lookForStop() {
				if (posts(names).length > 0) controller.abort(stop);
			},
		};
		const { made, warnings } = start(names, { world, controller });
		await expect(made).rejects.toBe(stop);
		expect([posts(names).length, warnings]).toEqual([1, [isDoubt]]);
	});

	test("warns at once, and deletes again what it still hears of; a late copy then makes nothing", async () => {
		const names = fresh();
		fail(names, { kind: "drop", when: "after" });
		const { promise: until, resolve } = Promise.withResolvers<void>();
		fail(names, { kind: "hold", until, when: "after" }, { from: 2 });
		const { made, warnings, controller } = start(names);
		const ending = expect(made).rejects.toBe(stop);
		await rig.sandbox.log.until(() => posts(names).length === 2);
		controller.abort(stop);
		expect(warnings).toEqual([isDoubt]);
		resolve();
		await ending;
		expect(warnings.slice(1)).toEqual([expect.stringContaining("so it was removed again")]);
		expect(setups(names)).toBe(0);
		const copy = await copyOfFirst(names);
		expect([copy.status, copy.headers.get("channels-error-code")]).toEqual([409, "create-was-deleted"]);
		expect(setups(names)).toBe(0);
	});
});
