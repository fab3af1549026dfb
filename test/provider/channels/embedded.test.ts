import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { HalfMadeError } from "../../../provider/core/channels/half-made.js";
import type { Names } from "../../../provider/core/channels/setup.js";
import { IncompleteError } from "../../../provider/core/errors.js";
import type { SetupOutputs } from "../../../provider/core/inputs.js";
import { setupHandler } from "../../../provider/core/setup/handler.js";
import { checkedRecords, verificationHandler } from "../../../provider/core/verification/handler.js";
import type { World } from "../../../provider/core/world.js";
import { defaultAccount, sandboxAccount } from "../../../sandbox/index.js";
import { HastyClock } from "../hasty-clock.js";
import { diffWorld } from "../rig.js";
import { type EmbeddedRig, startEmbeddedRig, type WorldOptions } from "./embedded-rig.js";

const others = sandboxAccount("222222222222");
let rig: EmbeddedRig;
beforeAll(async () => {
	rig = await startEmbeddedRig({ accounts: [others] });
});
afterAll(() => rig[Symbol.asyncDispose]());
beforeEach(() => rig.sandbox.log.clear());
afterEach(() => rig.sandbox.faults.clear());

let count = 0;
const fresh = (): Names => {
	count += 1;
	return { tenant: `tenant-${count}`, domain: `mail${count}.acme.test` };
};
const inputs = ({ tenant, domain }: Names, more: { adoptExisting?: boolean } = {}) => ({
	tenantName: tenant,
	domainIdentity: domain,
	...more,
});
const create = (names: Names, options: WorldOptions & { adoptExisting?: boolean } = {}) =>
	setupHandler.create(
		rig.world(options),
		inputs(names, options.adoptExisting === undefined ? {} : { adoptExisting: options.adoptExisting }),
	);
const region = () => rig.sandbox.ses.region(defaultAccount.id, "us-east-1");
const tenantOf = ({ tenant }: Names) => region().tenants.get(tenant);
const identityOf = ({ domain }: Names) => region().identities.get(domain);
const never = (): never => {
	throw new Error("it is not there");
};
const tagsOf = (tagged: { tags: { Key: string; Value: string }[] } | undefined) =>
	Object.fromEntries((tagged?.tags ?? []).map(({ Key, Value }) => [Key, Value]));
const calls = () => rig.sandbox.log.all({ service: "sesv2" }).map(({ operation }) => operation);
const standing = (names: Names) => [tenantOf(names) !== undefined, identityOf(names) !== undefined];
const fail = (operation: string, when: "before" | "after", times = Number.POSITIVE_INFINITY) =>
	rig.sandbox.faults.add({ service: "sesv2", operation, times, effect: { kind: "drop", when } });
const deny = (operation: string) =>
	rig.sandbox.faults.add({
		service: "sesv2",
		operation,
		times: Number.POSITIVE_INFINITY,
		effect: {
			kind: "error",
			status: 403,
			code: "AccessDeniedException",
			message: `User: arn:aws:iam::1:user/u is not authorized to perform: ses:${operation}`,
		},
	});
const error = (work: Promise<unknown>): Promise<Error> =>
	work.then(
		() => {
			throw new Error("it succeeded");
		},
		(cause: Error) => cause,
	);

describe("a setup that is made in SES", () => {
	test("is a tenant, an identity and their association, with the setup's tags, by as few calls as there are", async () => {
		const names = fresh();
		const { id, outputs } = await create(names);
		const [first = "", second = "", ...more] = calls();
		expect([first, second].sort()).toEqual(["GetEmailIdentity", "GetTenant"]);
		expect(more).toEqual(["CreateTenant", "CreateEmailIdentity", "CreateTenantResourceAssociation"]);
		const tags = {
			"channels-setup-id": id,
			"channels-workspace-id": outputs.workspaceId,
			"channels-create": expect.stringMatching(/^[0-9a-f-]{36}$/),
		};
		expect([tagsOf(tenantOf(names)), tagsOf(identityOf(names))]).toEqual([tags, tags]);
		expect([...(tenantOf(names)?.resources.keys() ?? [])]).toEqual([identityOf(names)?.arn]);
		expect(outputs).toMatchObject({ account: defaultAccount.id, region: "us-east-1" });
		expect(
			outputs.dnsRecords.map(({ type, address }) => `${type} ${address.replace(/^\w{32}\./, "")}`),
		).toEqual([
			...Array(3).fill(`CNAME _domainkey.${names.domain}`),
			`MX ${names.domain}`,
			`TXT _dmarc.${names.domain}`,
		]);
	});

	test("has a MAIL FROM domain where the settings name one, and no MX record where they say so", async () => {
		const names = fresh();
		const { outputs } = await create(names, { mailFrom: "bounce", mx: false });
		expect(identityOf(names)?.mailFrom).toMatchObject({ domain: `bounce.${names.domain}` });
		expect(outputs.dnsRecords.map(({ type, address }) => `${type} ${address}`).slice(3)).toEqual([
			`TXT _dmarc.${names.domain}`,
			`MX bounce.${names.domain}`,
			`TXT bounce.${names.domain}`,
		]);
	});

	test("asks for no MX record where the region receives nothing", async () => {
		const { outputs } = await create(fresh(), { region: "eu-central-2" });
		expect(outputs.dnsRecords.filter(({ type }) => type === "MX")).toEqual([]);
	});

	test("reads the same as it was made, and is gone once it is deleted", async () => {
		const names = fresh();
		const { id, outputs } = await create(names, { mailFrom: "bounce" });
		expect(await setupHandler.read(rig.world({ mailFrom: "bounce" }), id, outputs)).toEqual(outputs);
		await setupHandler.delete(rig.world(), id, outputs);
		expect(standing(names)).toEqual([false, false]);
		expect(await setupHandler.read(rig.world(), id, outputs)).toMatchObject({ missing: true });
	});

	test("is not deleted twice, nor is another's of the same names", async () => {
		const names = fresh();
		const { id, outputs } = await create(names);
		await setupHandler.delete(rig.world(), id, outputs);
		const second = await create(names);
		await setupHandler.delete(rig.world(), id, outputs);
		expect(tagsOf(tenantOf(names))["channels-setup-id"]).toBe(second.id);
	});

	test("is found by its domain, and by its id alone", async () => {
		const { id, outputs } = await create(fresh());
		const { tenantName, domainIdentity, dnsRecords } = outputs;
		const found = { tenantName, domainIdentity, dnsRecords };
		expect(await setupHandler.read(rig.world(), id, { domainIdentity })).toMatchObject(found);
		expect(await setupHandler.read(rig.world(), id, {})).toMatchObject(found);
	});
});

describe("what a killed run left half-made", () => {
	test.each(["CreateTenant", "CreateEmailIdentity", "PutEmailIdentityMailFromAttributes"])(
		"after %s is finished by the same resource, with the same id",
		async (last) => {
			const names = fresh();
			const controller = new AbortController();
			// The process is dead: nothing more is sent, and nothing undone.
			const { promise: never } = Promise.withResolvers<void>();
			rig.sandbox.faults.add({
				service: "sesv2",
				operation: last,
				effect: { kind: "hold", until: never, when: "after" },
			});
			void create(names, { mailFrom: "bounce", controller }).catch(() => {});
			const made = () => (last === "CreateTenant" ? tenantOf(names) : identityOf(names)) !== undefined;
			await expect.poll(() => calls().includes(last) && made(), { timeout: 10_000 }).toBe(true);
			const begun = tagsOf(tenantOf(names))["channels-setup-id"];
			const { id, outputs } = await create(names, { mailFrom: "bounce" });
			expect(id).toBe(begun);
			expect(outputs.dnsRecords).toHaveLength(7);
			expect(tenantOf(names)?.resources.size).toBe(1);
		},
	);

	test("is not taken by another resource, which says whose it is", async () => {
		const names = fresh();
		region().createTenant(names.tenant, mark("of another"), Date.now());
		const refused = await error(create(names));
		expect(refused).toMatchObject({ code: "names-busy" });
		expect(refused.message).toContain("by another stack");
		// It stood before, and is nobody's to delete.
		region().createIdentity(names.domain, [], Date.now());
		const beside = await error(create(names));
		expect(beside.message).toContain(`delete-tenant --tenant-name ${names.tenant}`);
		expect(beside.message).not.toContain("delete-email-identity");
		region().deleteIdentity(names.domain);
		expect(await error(create(names, { adoptExisting: true }))).toMatchObject({ code: "names-busy" });
		expect(tagsOf(tenantOf(names))).toEqual(
			Object.fromEntries(mark("of another").map((t) => [t.Key, t.Value])),
		);
	});
});

const mark = (create: string) => [
	{ Key: "channels-setup-id", Value: "0b1b9b8e-58a4-4c4c-9f6a-0d3f0a8d9e01" },
	{ Key: "channels-workspace-id", Value: "0b1b9b8e-58a4-4c4c-9f6a-0d3f0a8d9e02" },
	{ Key: "channels-create", Value: create },
];

describe("a setup that is whole and in no state", () => {
	test("is named, and taken over where the program says so", async () => {
		const names = fresh();
		const { id } = await create(names);
		expect(await error(create(names))).toMatchObject({ code: "setup-exists", setupId: id });
		expect(await create(names, { adoptExisting: true, urn: "urn:other" })).toMatchObject({ id });
	});

	test("of another workspace is not", async () => {
		const names = fresh();
		await create(names, { workspaceId: "0b1b9b8e-58a4-4c4c-9f6a-0d3f0a8d9e03" });
		expect(await error(create(names, { adoptExisting: true }))).toMatchObject({ code: "names-taken" });
	});

	test("keeps another setup from having one of its names, and that leaves nothing behind", async () => {
		const [first, second] = [fresh(), fresh()];
		await create(first);
		for (const names of [
			{ ...first, tenant: second.tenant },
			{ ...first, domain: second.domain },
		]) {
			const refused = await error(create(names, { urn: "urn:other" }));
			expect(refused).toMatchObject({ code: "names-taken" });
		}
		expect(standing(second)).toEqual([false, false]);
	});
});

describe("an identity that stood before", () => {
	/** As another tool makes it. */
	function stood(names: Names) {
		const identity = region().createIdentity(names.domain, [{ Key: "made-by", Value: "sst" }], Date.now());
		region().setMailFrom(names.domain, { domain: `old.${names.domain}` }, Date.now());
		const { tags, mailFrom, tokens } = identity;
		return { identity, before: structuredClone({ tags, mailFrom, tokens }) };
	}
	const now = ({ tags, mailFrom, tokens }: ReturnType<typeof stood>["identity"]) => ({
		tags,
		mailFrom,
		tokens,
	});

	test("is refused by name before anything is made, with what takes it in", async () => {
		const names = fresh();
		const { identity, before } = stood(names);
		const refused = await error(create(names));
		expect(refused).toMatchObject({ code: "exists-upstream" });
		expect(refused.message).toContain("adoptExisting: true");
		expect([standing(names), now(identity)]).toEqual([[false, true], before]);
	});

	test("is taken in as it is, and left as it was by destroy", async () => {
		const names = fresh();
		const { identity, before } = stood(names);
		const { id, outputs } = await create(names, { adoptExisting: true, mailFrom: "bounce" });
		expect(tagsOf(identity)).toMatchObject({
			"made-by": "sst",
			"channels-setup-id": id,
			"channels-adopted": expect.anything(),
		});
		expect(now(identity)).toMatchObject({ mailFrom: before.mailFrom, tokens: before.tokens });
		expect(outputs.dnsRecords.map(({ address }) => address)).toContain(`old.${names.domain}`);
		expect(await setupHandler.read(rig.world(), id, outputs)).toEqual({ ...outputs, adoptExisting: true });
		await setupHandler.delete(rig.world(), id, outputs);
		expect([standing(names), now(identity)]).toEqual([[false, true], before]);
	});

	test.each(["CreateTenant", "TagResource", "CreateTenantResourceAssociation"])(
		"is left as it was by a create that fails at %s",
		async (operation) => {
			const names = fresh();
			const { identity, before } = stood(names);
			deny(operation);
			expect(await error(create(names, { adoptExisting: true }))).toMatchObject({ code: "ses-denied" });
			expect([standing(names), now(identity)]).toEqual([[false, true], before]);
		},
	);

	test("is not taken from another setup's tenant; one in a tenant of others gets ours beside it", async () => {
		const [names, other] = [fresh(), fresh()];
		const { identity } = stood(names);
		region().createTenant(other.tenant, mark("of another"), Date.now());
		region().associate(other.tenant, identity.arn, Date.now());
		const refused = await error(create(names, { adoptExisting: true }));
		expect(refused).toMatchObject({ code: "names-taken" });
		expect(refused.message).toContain(other.tenant);
		const theirs = region().tenants.get(other.tenant);
		if (theirs) theirs.tags = [];
		const { id, outputs } = await create(names, { adoptExisting: true });
		expect(region().holdersOf(identity.arn)).toHaveLength(2);
		await setupHandler.delete(rig.world(), id, outputs);
		expect(region().holdersOf(identity.arn)).toMatchObject([{ tenant: { name: other.tenant } }]);
	});

	test("asks for no DKIM record where the keys are its owner's, and is refused where there are none", async () => {
		const [own, none] = [fresh(), fresh()];
		region().createIdentity(own.domain, [], Date.now(), { by: "owner", selector: "s1" });
		const { id, outputs } = await create(own, { adoptExisting: true });
		expect(outputs.dnsRecords.map(({ type }) => type)).toEqual(["MX", "TXT"]);
		const { id: setupId, dnsRecords } = { id, ...outputs };
		const waiting = () =>
			verificationHandler.create(rig.world(), { setupId, dnsRecords, purpose: "sending", timeout: "1m" });
		expect((await error(waiting())).message).toContain("SES has not found the DKIM records yet");
		const owned = identityOf(own);
		if (owned) owned.status = "SUCCESS";
		expect(await waiting()).toMatchObject({ outputs: { verifiedDomain: own.domain } });
		const identity = region().createIdentity(none.domain, [], Date.now());
		identity.dkim = { by: "nobody" };
		identity.status = "NOT_STARTED";
		expect(await error(create(none, { adoptExisting: true }))).toMatchObject({
			code: "identity-without-dkim",
		});
		expect(standing(none)).toEqual([false, true]);
	});
});

const steps = ["CreateTenant", "CreateEmailIdentity", "CreateTenantResourceAssociation"];

test("records of an identity that stood before stay its own where a kill came before the state", async () => {
	const names = { ...fresh(), domain: "mail.kept.test" };
	const zone = rig.sandbox.route53.createZone("kept.test");
	const identity = region().createIdentity(names.domain, [], Date.now());
	region().setMailFrom(names.domain, { domain: `theirs.${names.domain}` }, Date.now());
	const theirs = identity.tokens.map((token) => ({
		name: `${token}._domainkey.${names.domain}`,
		type: "CNAME" as const,
		ttl: 60,
		values: [`${token}.dkim.amazonses.com`],
	}));
	for (const set of theirs) rig.sandbox.route53.put(zone.id, set);
	const args = { ...inputs(names, { adoptExisting: true }), route53: {} };
	const unrecorded = await setupHandler.create(rig.world(), args);
	expect(await setupHandler.create(rig.world(), args)).toMatchObject({
		id: unrecorded.id,
		outputs: { zone: unrecorded.outputs.zone },
	});
	expect(unrecorded.outputs.zone?.found.map(({ name }) => name)).toEqual(
		expect.arrayContaining(theirs.map(({ name }) => name)),
	);
});

describe("a create that fails", () => {
	test.each(steps)(
		"because %s is denied leaves nothing behind, and says what is missing",
		async (operation) => {
			const names = fresh();
			deny(operation);
			const refused = await error(create(names));
			expect(refused).toMatchObject({ code: "ses-denied" });
			expect(refused.message).toContain(`ses:${operation}`);
			expect(standing(names)).toEqual([false, false]);
		},
	);

	test.each(steps)(
		"because nobody answers %s is in the state, and the next up replaces it",
		async (operation) => {
			const names = fresh();
			fail(operation, "after");
			const failed = (await error(create(names))) as IncompleteError;
			expect(failed).toBeInstanceOf(IncompleteError);
			rig.sandbox.faults.clear();
			const outputs = failed.outputs as SetupOutputs;
			const world = rig.world();
			world.claims.declare(world.urn, { kind: "SesSetup", inputs: inputs(names) });
			const difference = await setupHandler.diff(diffWorld(world), failed.id, outputs, inputs(names));
			expect(difference.map(({ replaces }) => replaces)).toEqual([true]);
			await setupHandler.delete(world, failed.id, outputs);
			expect(standing(names)).toEqual([false, false]);
			await create(names);
			expect(standing(names)).toEqual([true, true]);
		},
	);

	test("and cannot be undone is in the state, and destroy takes it down", async () => {
		const names = fresh();
		deny("CreateTenantResourceAssociation");
		deny("DeleteEmailIdentity");
		const failed = (await error(create(names))) as IncompleteError;
		expect(failed).toBeInstanceOf(IncompleteError);
		expect(failed.message).toContain("ses:DeleteEmailIdentity");
		rig.sandbox.faults.clear();
		await setupHandler.delete(rig.world(), failed.id, failed.outputs as SetupOutputs);
		expect(standing(names)).toEqual([false, false]);
	});

	test("at an answer that got lost, and at the question whose it is, leaves nothing that no state knows", async () => {
		const names = fresh();
		fail("CreateTenant", "after", 1);
		rig.sandbox.faults.add({
			service: "sesv2",
			operation: "GetTenant",
			from: 2,
			times: Number.POSITIVE_INFINITY,
			effect: { kind: "answer", status: 503, body: "<html>gateway</html>" },
		});
		const failed = (await error(create(names))) as IncompleteError;
		expect(failed).toBeInstanceOf(IncompleteError);
		expect(failed).toMatchObject({ code: "ses-unanswered" });
		rig.sandbox.faults.clear();
		await setupHandler.delete(rig.world(), failed.id, failed.outputs as SetupOutputs);
		expect(standing(names)).toEqual([false, false]);
	});

	test("for a quota says so in SES's own words, and is not repeated", async () => {
		const names = fresh();
		rig.sandbox.faults.add({
			service: "sesv2",
			operation: "CreateEmailIdentity",
			times: Number.POSITIVE_INFINITY,
			effect: {
				kind: "error",
				status: 400,
				code: "LimitExceededException",
				message: "You have reached the limit of 10000 identities.",
			},
		});
		const refused = await error(create(names));
		expect(refused.message).toMatch(/limit of 10000 identities.*Service Quotas/);
		expect(calls().filter((operation) => operation === "CreateEmailIdentity")).toHaveLength(1);
		expect(standing(names)).toEqual([false, false]);
	});

	test("for a while is waited out", async () => {
		const names = fresh();
		for (const operation of steps)
			rig.sandbox.faults.add({
				service: "sesv2",
				operation,
				times: 3,
				effect: { kind: "error", status: 429, code: "TooManyRequestsException", message: "Rate exceeded" },
			});
		await create(names);
		expect(standing(names)).toEqual([true, true]);
	});
});

describe("a run that is stopped in the middle of a create", () => {
	test.each(steps.slice(1))("before %s takes down what it made, and says so", async (operation) => {
		const names = fresh();
		const controller = new AbortController();
		const warnings: string[] = [];
		const world: World = {
			// A stopped run has two seconds of its clock for this.
			...rig.world({
				...{ controller, clock: new HastyClock(5) },
				warn: (words) => warnings.push(...[words].flat()),
			}),
			async lookForStop() {
				const before = steps.indexOf(operation) - 1;
				if (calls().includes(steps[before] ?? "")) controller.abort(new Error("The engine is gone."));
			},
		};
		const stopped = await error(setupHandler.create(world, inputs(names)));
		expect(stopped.message).toBe("The engine is gone.");
		expect([standing(names), warnings]).toEqual([[false, false], [expect.stringContaining("removed again")]]);
	});
});

test("a wait that was never answered knows where its setup was, so that a refresh sees that it is gone", async () => {
	const names = fresh();
	const { id: setupId, outputs } = await create(names);
	const failed = (await error(
		verificationHandler.create(rig.world(), { setupId, dnsRecords: outputs.dnsRecords, timeout: "1m" }),
	)) as IncompleteError;
	await setupHandler.delete(rig.world(), setupId, outputs);
	expect(await verificationHandler.read(rig.world(), setupId, failed.outputs)).toBeUndefined();
});

describe("other credentials than those of the setup", () => {
	test("take nothing for gone, and delete nothing", async () => {
		const names = fresh();
		const { id, outputs } = await create(names);
		const elsewhere = () => rig.world({ account: others });
		for (const work of [
			setupHandler.read(elsewhere(), id, outputs),
			setupHandler.delete(elsewhere(), id, outputs),
			setupHandler.read(rig.world({ region: "eu-west-1" }), id, outputs),
		])
			expect(await error(work)).toMatchObject({ code: "account-changed" });
		expect(standing(names)).toEqual([true, true]);
	});

	test("nor where the state does not tell the account", async () => {
		const { id, outputs } = await create(fresh());
		const { account: _, region: __, ...known } = outputs;
		expect(await error(setupHandler.delete(rig.world({ account: others }), id, known))).toMatchObject({
			code: "gone-unproven",
		});
		expect(await error(setupHandler.read(rig.world({ account: others }), id, known))).toMatchObject({
			code: "gone-unproven",
		});
	});
});

test("a setup that is out of its tenant is not taken for gone because its wait was read first", async () => {
	const names = fresh();
	const { id, outputs } = await create(names);
	region().disassociate(names.tenant, identityOf(names)?.arn ?? "");
	const world = rig.world();
	const { dnsRecords, account = "", region: where = "" } = outputs;
	const wait = {
		setupId: id,
		dnsRecords: checkedRecords({
			dns_records: dnsRecords.map((each) => ({ ...each, type: each.type as "TXT", verified: false })),
		}),
		account,
		region: where,
	};
	await verificationHandler.read(world, id, wait);
	const read = await setupHandler.read(world, id, outputs);
	expect(read).toMatchObject({ apart: true });
	expect(read).not.toHaveProperty("missing");
});

test("what this run has taken down is gone, though a read of Amazon SES still shows it", async () => {
	const names = fresh();
	const world = rig.world();
	const { id, outputs } = await setupHandler.create(world, inputs(names));
	const { name, id: tenantId, arn, tags } = tenantOf(names) ?? never();
	await setupHandler.delete(world, id, outputs);
	rig.sandbox.faults.add({
		service: "sesv2",
		operation: "GetTenant",
		effect: {
			kind: "answer",
			status: 200,
			headers: { "content-type": "application/json" },
			body: JSON.stringify({ Tenant: { TenantName: name, TenantId: tenantId, TenantArn: arn, Tags: tags } }),
		},
	});
	const renamed = { ...names, domain: `other.${names.domain}` };
	expect((await setupHandler.create(world, inputs(renamed))).id).not.toBe(id);
});

test("a half that a refresh finds is not taken for whole", async () => {
	const names = fresh();
	fail("CreateTenantResourceAssociation", "before");
	const failed = (await error(create(names, { mailFrom: "bounce" }))) as IncompleteError;
	rig.sandbox.faults.clear();
	const read = await setupHandler.read(rig.world(), failed.id, failed.outputs as SetupOutputs);
	expect(read).toMatchObject({ missing: true });
});

test("an identity that is out of its tenant is put back by the next up, and keeps its keys", async () => {
	const names = fresh();
	const { id, outputs } = await create(names);
	region().disassociate(names.tenant, identityOf(names)?.arn ?? "");
	const read = (await setupHandler.read(rig.world(), id, outputs)) as SetupOutputs;
	const world = rig.world();
	const difference = await setupHandler.diff(diffWorld(world), id, read, inputs(names));
	expect(difference.map(({ replaces, reason }) => [replaces, reason])).toEqual([
		[false, "Its identity is out of its tenant in Amazon SES."],
	]);
	expect(await setupHandler.update(world, id, read, inputs(names))).toEqual(outputs);
	expect(tenantOf(names)?.resources.size).toBe(1);
});

test("a wait for a setup that another run has taken out of its tenant says so, and asks for no tenant without a name", async () => {
	const names = fresh();
	const { id, outputs } = await create(names);
	const { arn = "" } = identityOf(names) ?? {};
	const { dnsRecords: records } = outputs;
	const ref = { id, domain: names.domain, records };
	const whole = rig.world();
	expect(await whole.channels.verify(whole, ref)).toMatchObject({ id });
	rig.sandbox.log.clear();
	await whole.channels.obstacles(whole, ref);
	expect(rig.sandbox.log.all({ operation: "GetTenant" }).map(({ input }) => input)).toEqual([
		{ TenantName: names.tenant },
	]);
	region().disassociate(names.tenant, arn);
	const world = rig.world();
	expect(await error(world.channels.verify(world, ref))).toMatchObject({
		code: "setup-gone",
		message: expect.stringContaining("Run `pulumi refresh`, then `pulumi up`"),
	});
});

test("a half of a setup that is left is replaced, and taken down first", async () => {
	const names = fresh();
	const { id, outputs } = await create(names);
	const identity = identityOf(names);
	region().disassociate(names.tenant, identity?.arn ?? "");
	region().deleteIdentity(names.domain);
	const read = (await setupHandler.read(rig.world(), id, outputs)) as SetupOutputs;
	expect(read).toMatchObject({ missing: true });
	await setupHandler.delete(rig.world(), id, read);
	expect(standing(names)).toEqual([false, false]);
});

test("one read that does not find what stands is no verdict", async () => {
	const { id, outputs } = await create(fresh());
	rig.sandbox.faults.add({
		service: "sesv2",
		operation: "GetEmailIdentity",
		effect: { kind: "error", status: 404, code: "NotFoundException", message: "Email identity not found." },
	});
	expect(await setupHandler.read(rig.world(), id, outputs)).toEqual(outputs);
});

test("a domain that others have put into their tenant stays, and says so by a code", async () => {
	const names = fresh();
	const { id, outputs } = await create(names);
	const theirs = fresh().tenant;
	region().createTenant(theirs, [], Date.now());
	region().associate(theirs, identityOf(names)?.arn ?? "", Date.now());
	const refused = await error(setupHandler.delete(rig.world(), id, outputs));
	expect(refused).toMatchObject({
		code: "identity-in-other-tenant",
		message: expect.stringContaining(`is also in tenant ${theirs}`),
	});
	expect(standing(names)).toEqual([true, true]);
});

test("a call that AWS throttles to the end says what to do next", async () => {
	rig.sandbox.faults.add({
		service: "sesv2",
		operation: "GetTenant",
		times: Number.POSITIVE_INFINITY,
		effect: { kind: "error", status: 429, code: "TooManyRequestsException", message: "Rate exceeded" },
	});
	const world = rig.world();
	const removal = world.channels.remove(world, { id: "id", ...fresh() }, { withinMs: 10_000 });
	expect(await error(removal)).toMatchObject({
		code: "ses-unanswered",
		message: expect.stringMatching(/took no GetTenant in time.*: .* one call a second.* run it again/),
	});
});

test("a failure that leaves something says which error it was", () => {
	const half = new HalfMadeError("id", { workspaceId: "w" }, "it failed", new Error("odd"));
	expect(half.code).toBe("unexpected");
});
