import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { defaultAccount, type Sandbox, startSandbox } from "../../sandbox/index.js";
import type { HostedZone } from "../../sandbox/route53/zones.js";
import type { DnsRecordResponse, SesSetupDetailResponse } from "../../sdk/index.js";
import { startTestService, type TestService } from "../support/service.js";
import { Environment } from "./environment.js";
import { Random } from "./random.js";

let sandbox: Sandbox;
let service: TestService;
let zone: HostedZone;
beforeAll(async () => {
	sandbox = await startSandbox();
	zone = sandbox.route53.createZone("acme.test");
	service = await startTestService({ sandbox });
});
afterAll(async () => {
	await service?.stop();
	await sandbox?.close();
});

interface Answer {
	status: number;
	/** `channels-error-code`. */
	code: string | undefined;
	body: unknown;
}

interface Request {
	method: string;
	path: string;
	body?: unknown;
	/** Default: the workspace's own. */
	key?: "own" | "other" | "unknown";
	/** `Idempotency-Key`. */
	createKey?: string | undefined;
	/** How many copies of it are sent at the same moment. Default 1. */
	copies?: number;
}

/** One of the two, as a sequence of requests sees it. */
interface Side {
	send(request: Request): Promise<Answer[]>;
	/** Has the next create fail for now, and be undone. */
	fail(): void;
	publish(record: DnsRecordResponse): void;
	unpublish(record: DnsRecordResponse): void;
	forget(domain: string): void;
	/** The setups in the order of their making. */
	readonly setups: SesSetupDetailResponse[];
	readonly useCases: string[];
}

const setOf = ({ address, type, record }: DnsRecordResponse) => ({
	name: address,
	type,
	values: [type === "TXT" ? `"${record}"` : record],
});

async function realSide(): Promise<Side> {
	const workspaceId = randomUUID();
	const keys = {
		own: await service.createKey({ workspaceId }),
		other: await service.createKey({ workspaceId: randomUUID() }),
		unknown: "chk_unknown",
	};
	return {
		setups: [],
		useCases: [],
		send: ({ method, path, body, key = "own", createKey, copies = 1 }) =>
			Promise.all(
				Array.from({ length: copies }, async () => {
					const answer = await fetch(`${service.url}/v1/${workspaceId}/${path}`, {
						method,
						headers: {
							authorization: `Bearer ${keys[key]}`,
							...(body !== undefined && { "content-type": "application/json" }),
							...(createKey !== undefined && { "idempotency-key": createKey }),
						},
						...(body !== undefined && { body: JSON.stringify(body) }),
					});
					const code = answer.headers.get("channels-error-code") ?? undefined;
					return { status: answer.status, code, body: parsed(await answer.text()) };
				}),
			),
		fail: () =>
			sandbox.faults.add({
				service: "sesv2",
				operation: "CreateTenantResourceAssociation",
				effect: { kind: "error", status: 400, code: "LimitExceededException", message: "injected" },
			}),
		publish: (record) => sandbox.route53.put(zone.id, setOf(record)),
		unpublish: ({ address, type }) => sandbox.route53.remove(zone.id, address, type),
		forget: (domain) => sandbox.ses.region(defaultAccount.id, "us-east-1").identities.delete(domain),
	};
}

function modelSide(random: Random): Side {
	const environment = new Environment(random, { dmarcPolicy: "none" });
	const workspaceId = random.uuid();
	const modelled = environment.createZone("acme.test");
	const keys = {
		own: environment.api.createKey(workspaceId),
		other: environment.api.createKey(random.uuid()),
		unknown: "chk_unknown",
	};
	const wholeSet = (record: DnsRecordResponse) => {
		const { name, type, values } = setOf(record);
		return { Name: name, Type: type, TTL: 300, ResourceRecords: values.map((Value) => ({ Value })) };
	};
	return {
		setups: [],
		useCases: [],
		async send({ method, path, body, key = "own", createKey, copies = 1 }) {
			const answer = () =>
				environment.api.answer({
					method,
					url: new URL(`https://channels.test/v1/${workspaceId}/${path}`),
					headers: {
						authorization: `Bearer ${keys[key]}`,
						...(createKey !== undefined && { "idempotency-key": createKey }),
					},
					body: body === undefined ? undefined : JSON.stringify(body),
				});
			const answers = await environment.clock.run(Promise.all(Array.from({ length: copies }, answer)));
			return answers.map(({ status, headers, body: text }) => ({
				status,
				code: headers["channels-error-code"],
				body: parsed(text),
			}));
		},
		fail() {
			environment.api.trouble = "unavailable";
		},
		publish: (record) => environment.put(modelled, wholeSet(record)),
		unpublish: (record) => environment.remove(modelled, wholeSet(record)),
		forget: (domain) => environment.api.identities.delete(domain),
	};
}

const parsed = (text: string): unknown => (text === "" ? undefined : JSON.parse(text));

/** An answer without what differs between any two services: ids, times and keys. */
function comparable(
	{ status, code, body }: Answer,
	{ setups, useCases }: Side,
	names: readonly string[],
): unknown {
	let text = JSON.stringify(body ?? null);
	for (const [index, { id, dns_records }] of setups.entries()) {
		text = text.replaceAll(id, `setup-${index}`);
		for (const [at, { address }] of dns_records.entries())
			if (at < 3) text = text.replaceAll(address.split(".")[0] as string, `token-${index}-${at}`);
	}
	for (const [index, id] of useCases.entries()) text = text.replaceAll(id, `use-case-${index}`);
	for (const [index, name] of names.entries()) text = text.replaceAll(name, `name-${index}`);
	text = text
		.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "a time")
		.replace(/"continuation_token":\d+/g, '"continuation_token":1');
	return { status, code, body: JSON.parse(text) };
}

/** Sends the same random requests to both. */
async function compare(seed: number): Promise<void> {
	const random = new Random(seed);
	const sides = [await realSide(), modelSide(random.fork())] as const;
	// Names are taken for good in the service that all sequences share.
	const tenants = [0, 1, 2].map(() => `t-${randomUUID()}`);
	const domains = tenants.map((tenant) => `${tenant}.acme.test`);
	const createKeys = [0, 1, 2].map(() => randomUUID());
	const published = new Set<string>();

	const both = async (
		method: string,
		path: (side: Side) => string,
		body?: (side: Side) => unknown,
		more: Pick<Request, "key" | "createKey" | "copies"> = {},
	) => {
		const answers = await Promise.all(
			sides.map(async (side) => {
				const sent = await side.send({ method, path: path(side), body: body?.(side), ...more });
				return sent.map((answer) => {
					const made = answer.body as SesSetupDetailResponse | undefined;
					const isNew = made && side.setups.every(({ id }) => id !== made.id);
					if (answer.status === 201 && path(side) === "channels/ses-setup" && isNew) side.setups.push(made);
					if (answer.status === 201 && path(side) === "use-cases" && made) side.useCases.push(made.id);
					return comparable(answer, side, [...domains, ...tenants]);
				});
			}),
		);
		expect(answers[1], `${method} ${path(sides[1])}`).toEqual(answers[0]);
	};
	const known = () => random.integer(0, Math.max(0, sides[0].setups.length - 1));
	const idOf = (index: number) => (side: Side) => side.setups[index]?.id ?? nobodys;
	const nobodys = random.uuid();
	const setupPath =
		(index: number, more = "") =>
		(side: Side) =>
			`channels/ses-setup/${idOf(index)(side)}${more}`;

	for (let step = 0; step < 25; step += 1) {
		const index = known();
		const record = random.integer(0, 4);
		await random.weighted<() => Promise<void> | void>(
			[
				4,
				() => {
					const [tenant, name] = [random.pick(tenants), random.pick(domains)];
					const domain = random.chance(0.2) ? name.toUpperCase() : name;
					const createKey = random.pick([undefined, ...createKeys, createKeys[0]?.toUpperCase(), "1"]);
					return both(
						"POST",
						() => "channels/ses-setup",
						() => ({ tenant_name: tenant, domain_identity: domain }),
						// Of those without a key either may be the first.
						{ createKey, copies: createKey === undefined ? 1 : random.pick([1, 1, 3]) },
					);
				},
			],
			[
				1,
				() => {
					const body = random.pick([
						{},
						{ tenant_name: "a b", domain_identity: "acme.test" },
						{ tenant_name: "a", domain_identity: "single" },
						{ tenant_name: 7, domain_identity: domains[0] },
					]);
					return both(
						"POST",
						() => "channels/ses-setup",
						() => body,
					);
				},
			],
			[3, () => both("GET", setupPath(index))],
			[4, () => both("POST", setupPath(index, "/verify"))],
			[
				3,
				() => {
					const limit = random.pick([1, 2, 20, 0, 21, "x"]);
					return both("GET", () => `channels/ses-setup?limit=${limit}`);
				},
			],
			[2, () => both("DELETE", setupPath(index))],
			[
				2,
				() => {
					const domain = domains[0] as string;
					const name = random.pick(["one", "two"]);
					return both(
						"POST",
						() => "use-cases",
						(side) => ({
							channel: "email",
							entity_name: "entity",
							name,
							setup_id: idOf(index)(side),
							sender_email_address: `hello@${side.setups[index]?.domain_identity ?? domain}`,
							email_type: "transactional",
						}),
					);
				},
			],
			[2, () => both("GET", (side) => `use-cases?setup_id=${idOf(index)(side)}`)],
			[1, () => both("DELETE", (side) => `use-cases/${side.useCases[0] ?? nobodys}`)],
			[
				1,
				() => {
					const key = random.pick(["other", "unknown"] as const);
					return both("GET", () => "channels/ses-setup", undefined, { key });
				},
			],
			[
				5,
				() => {
					if (sides[0].setups.length === 0) return;
					const id = `${index} ${record}`;
					for (const side of sides) {
						const each = side.setups[index]?.dns_records[record];
						if (!each) continue;
						if (published.has(id)) side.unpublish(each);
						else side.publish(each);
					}
					if (published.has(id)) published.delete(id);
					else published.add(id);
				},
			],
			[
				0.5,
				() => {
					const domain = sides[0].setups[index]?.domain_identity;
					if (domain) for (const side of sides) side.forget(domain);
				},
			],
		)();
	}
}

it.each(Array.from({ length: 12 }, (_, index) => index))(
	"answers as the service does: sequence %i of random requests",
	async (seed) => {
		await compare(seed);
	},
);

it("leaves the key of a create that failed to its repetition, as the service does", async () => {
	const random = new Random(1);
	for (const side of [await realSide(), modelSide(random)]) {
		const name = `t-${randomUUID()}`;
		const body = { tenant_name: name, domain_identity: `${name}.acme.test` };
		const create = { method: "POST", path: "channels/ses-setup", body, createKey: randomUUID() };
		side.fail();
		const [failed] = await side.send(create);
		const [made, again] = await side.send({ ...create, copies: 2 });
		expect([failed?.status, made?.status]).toEqual([502, 201]);
		expect(again).toEqual(made);
	}
});
