import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/index.js";
import type {
	PaginatedResponse,
	SesSetupDetailResponse,
	SesSetupListItemResponse,
	UseCaseListResponse,
	UseCaseResponse,
} from "../../sdk/index.js";
import { openDatabase } from "../../service/database/database.js";
import { type Api, apiOf } from "../support/channels-api.js";
import type { NewLocation } from "../support/databases.js";
import { startTestService, type TestService } from "../support/service.js";

type Page = PaginatedResponse<SesSetupListItemResponse>;

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** What the API is, on whatever database. Called where tests are described. */
export function contract(newLocation: NewLocation): void {
	let sandbox: Sandbox;
	let service: TestService;
	let api: Api;
	let count = 0;

	beforeAll(async () => {
		sandbox = await startSandbox();
		sandbox.route53.createZone("acme.com");
		service = await startTestService({
			sandbox,
			database: { location: await newLocation() },
			limits: { useCasesPerSetup: 35 },
		});
		api = apiOf(service);
	});
	afterAll(async () => {
		await service?.stop();
		await sandbox?.close();
	});

	function names() {
		count += 1;
		return { tenant_name: `tenant-${count}`, domain_identity: `mail${count}.acme.com` };
	}

	async function createSetup(workspace?: { workspaceId: string; key: string }) {
		const made = await api<SesSetupDetailResponse>("POST", "/channels/ses-setup", {
			json: names(),
			...workspace,
		});
		expect(made.status).toBe(201);
		return made.body;
	}

	async function newWorkspace() {
		const workspaceId = randomUUID();
		return { workspaceId, key: await service.createKey({ workspaceId }) };
	}

	type Named = Pick<SesSetupDetailResponse, "id" | "domain_identity">;

	function useCase(setup: Named, more: Record<string, unknown> = {}) {
		return {
			channel: "email",
			entity_name: "Acme",
			name: "Invoices",
			setup_id: setup.id,
			sender_email_address: `billing@${setup.domain_identity}`,
			email_type: "transactional",
			...more,
		};
	}

	it("creates a setup with the five records to publish", async () => {
		const { tenant_name, domain_identity } = names();
		const made = await api<SesSetupDetailResponse>("POST", "/channels/ses-setup", {
			json: { tenant_name, domain_identity, ignored: true },
		});
		expect(made.status).toBe(201);
		expect(made.headers.get("content-type")).toBe("application/json");
		const [identity] = sandbox.ses.identities().filter(({ name }) => name === domain_identity);
		expect(made.body).toEqual({
			id: expect.stringMatching(uuid),
			tenant_name,
			domain_identity,
			dns_checked_at: null,
			dns_records: [
				...(identity?.tokens ?? []).map((token) => ({
					address: `${token}._domainkey.${domain_identity}`,
					record: `${token}.dkim.amazonses.com`,
					type: "CNAME",
					verified: false,
				})),
				{
					address: domain_identity,
					record: "10 inbound-smtp.us-east-1.amazonaws.com",
					type: "MX",
					verified: false,
				},
				{ address: `_dmarc.${domain_identity}`, record: "v=DMARC1; p=none", type: "TXT", verified: false },
			],
			created_at: expect.stringMatching(instant),
			updated_at: expect.stringMatching(instant),
		});
		const [tenant] = sandbox.ses.tenants().filter(({ name }) => name === tenant_name);
		expect([...(tenant?.resources.keys() ?? [])]).toEqual([identity?.arn]);
	});

	it("keeps a domain in lower case", async () => {
		const { tenant_name } = names();
		const made = await api<SesSetupDetailResponse>("POST", "/channels/ses-setup", {
			json: { tenant_name, domain_identity: `Mixed${count}.ACME.com` },
		});
		expect(made.body.domain_identity).toBe(`mixed${count}.acme.com`);
		const again = await api("POST", "/channels/ses-setup", {
			json: { tenant_name: names().tenant_name, domain_identity: made.body.domain_identity.toUpperCase() },
		});
		expect(again.status).toBe(409);
	});

	it("answers 409 for a tenant or a domain that exists, in whatever workspace, and says which", async () => {
		const setup = await createSetup();
		const other = await newWorkspace();
		const fresh = names();
		const sameNames = { ...setup, dns_records: undefined };
		const sameTenant = { ...fresh, tenant_name: setup.tenant_name };
		const sameDomain = { ...fresh, domain_identity: setup.domain_identity };
		const answers = [
			await api("POST", "/channels/ses-setup", { json: sameNames }),
			await api("POST", "/channels/ses-setup", { json: sameTenant }),
			await api("POST", "/channels/ses-setup", { json: sameDomain }),
			await api("POST", "/channels/ses-setup", { json: sameTenant, ...other }),
			await api("POST", "/channels/ses-setup", { json: sameNames, ...other }),
		];
		expect(answers.map(({ status, code, body }) => [status, code, body])).toEqual([
			[409, "setup-exists", { detail: `Tenant name already exists (setup ${setup.id}).` }],
			[409, "names-taken", { detail: `Tenant name already exists (setup ${setup.id}).` }],
			[409, "names-taken", { detail: `Domain identity already exists (setup ${setup.id}).` }],
			[409, "names-taken", { detail: "Tenant name already exists." }],
			[409, "names-taken", { detail: "Tenant name already exists." }],
		]);
	});

	it("answers exactly one of 20 concurrent creates of one tenant with 201", async () => {
		const { tenant_name } = names();
		const answers = await Promise.all(
			Array.from({ length: 20 }, () =>
				api("POST", "/channels/ses-setup", { json: { ...names(), tenant_name } }),
			),
		);
		expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(19).fill(409)]);
	});

	it("gets and verifies alike, and counts the check", async () => {
		const { id } = await createSetup();
		const got = await api<SesSetupDetailResponse>("GET", `/channels/ses-setup/${id}`);
		const verified = await api<SesSetupDetailResponse>("POST", `/channels/ses-setup/${id}/verify`);
		expect([got.status, verified.status]).toEqual([200, 200]);
		expect(got.body.dns_checked_at).toMatch(instant);
		expect({ ...verified.body, dns_checked_at: null }).toEqual({ ...got.body, dns_checked_at: null });
		const upper = await api<SesSetupDetailResponse>("GET", `/channels/ses-setup/${id.toUpperCase()}`);
		expect(upper.body.id).toBe(id);
	});

	it("frees the names of a deleted setup at once, and knows it no more", async () => {
		const setup = await createSetup();
		const path = `/channels/ses-setup/${setup.id}`;
		const gone = await api("DELETE", path);
		expect([gone.status, gone.body, gone.headers.get("content-type")]).toEqual([204, undefined, null]);
		const after = [await api("GET", path), await api("POST", `${path}/verify`), await api("DELETE", path)];
		expect(after.map(({ status, code, body }) => [status, code, body])).toEqual(
			Array(3).fill([404, "setup-not-found", { detail: "SES setup not found in this workspace." }]),
		);
		const again = await api<SesSetupDetailResponse>("POST", "/channels/ses-setup", {
			json: { tenant_name: setup.tenant_name, domain_identity: setup.domain_identity },
		});
		expect(again.status).toBe(201);
		expect(again.body.id).not.toBe(setup.id);
	});

	it("shows a setup to its own workspace alone", async () => {
		const { id } = await createSetup();
		const other = await newWorkspace();
		for (const [method, path] of [
			["GET", `/channels/ses-setup/${id}`],
			["POST", `/channels/ses-setup/${id}/verify`],
			["DELETE", `/channels/ses-setup/${id}`],
		] as const) {
			expect((await api(method, path, other)).status).toBe(404);
		}
		expect((await api<Page>("GET", "/channels/ses-setup", other)).body.items).toEqual([]);
		expect((await api("GET", `/channels/ses-setup/${id}`)).status).toBe(200);
	});

	it("lists ten at a time by default, and says whether there is more", async () => {
		const workspace = await newWorkspace();
		const made: string[] = [];
		for (let index = 0; index < 12; index += 1) made.push((await createSetup(workspace)).id);
		const first = await api<Page>("GET", "/channels/ses-setup", workspace);
		expect(first.body).toMatchObject({ has_more: true, continuation_token: expect.any(Number) });
		expect(first.body.items[0]).toEqual({
			id: made[0],
			tenant_name: expect.any(String),
			domain_identity: expect.any(String),
			dns_verified: false,
			dns_checked_at: null,
			created_at: expect.stringMatching(instant),
			updated_at: expect.stringMatching(instant),
		});
		const next = `/channels/ses-setup?continuation_token=${first.body.continuation_token}`;
		const second = await api<Page>("GET", next, workspace);
		expect(second.body).toMatchObject({ has_more: false, continuation_token: null });
		expect([...first.body.items, ...second.body.items].map(({ id }) => id)).toEqual(made);
	});

	it("pages stably while setups come and go, even the one the token stands on", async () => {
		const workspace = await newWorkspace();
		const made: string[] = [];
		for (let index = 0; index < 9; index += 1) made.push((await createSetup(workspace)).id);
		const seen: string[] = [];
		let token: number | null | undefined = 0;
		do {
			const page: { body: Page } = await api<Page>(
				"GET",
				`/channels/ses-setup?limit=2&continuation_token=${token}`,
				workspace,
			);
			seen.push(...page.body.items.map(({ id }) => id));
			token = page.body.continuation_token;
			if (seen.length === 4) {
				// One that was seen, the one the token stands on, one to come, and a new one.
				for (const index of [0, 3, 5]) {
					const gone = await api("DELETE", `/channels/ses-setup/${made[index]}`, workspace);
					expect(gone.status).toBe(204);
				}
				made.push((await createSetup(workspace)).id);
			}
		} while (token !== null && token !== undefined);
		expect(seen).toEqual(made.filter((_, index) => index !== 5));
	});

	it("creates, lists and deletes use cases, and refuses to delete a setup while they refer to it", async () => {
		const setup = await createSetup();
		const made = await api<UseCaseResponse>("POST", "/use-cases", { json: useCase(setup) });
		expect(made.status).toBe(201);
		expect(made.body).toEqual({
			id: expect.stringMatching(uuid),
			channel: "email",
			entity_name: "Acme",
			name: "Invoices",
			description: null,
			setup_id: setup.id,
			sender_email_address: `billing@${setup.domain_identity}`,
			email_type: "transactional",
			configuration_set_name: null,
			tier: null,
			created_at: expect.stringMatching(instant),
			updated_at: expect.stringMatching(instant),
		});
		const refused = await api("DELETE", `/channels/ses-setup/${setup.id}`);
		expect([refused.status, refused.code, refused.body]).toEqual([
			409,
			"setup-in-use",
			{ detail: "Setup still referenced by active use cases. Delete those first: Acme/Invoices." },
		]);
		expect((await api("GET", `/channels/ses-setup/${setup.id}`)).status).toBe(200);

		const listed = await api<UseCaseListResponse>("GET", `/use-cases?setup_id=${setup.id}`);
		expect(listed.body).toEqual({
			items: [made.body],
			has_more: false,
			continuation_token: null,
			total: null,
		});
		expect((await api("DELETE", `/use-cases/${made.body.id}`)).status).toBe(204);
		expect(await api("DELETE", `/use-cases/${made.body.id}`)).toMatchObject({
			status: 404,
			code: "use-case-not-found",
		});
		expect((await api("DELETE", `/channels/ses-setup/${setup.id}`)).status).toBe(204);
	});

	it("filters use cases by entity, channel and setup", async () => {
		const workspace = await newWorkspace();
		const one = await createSetup(workspace);
		const two = await createSetup(workspace);
		for (const json of [
			useCase(one, { name: "A", description: "first" }),
			useCase(one, { name: "B", entity_name: "Other" }),
			useCase(two, { name: "C" }),
		]) {
			expect((await api("POST", "/use-cases", { json, ...workspace })).status).toBe(201);
		}
		const list = async (query: string) => {
			const { body } = await api<UseCaseListResponse>("GET", `/use-cases${query}`, workspace);
			return body.items.map(({ name }) => name);
		};
		expect(await list("")).toEqual(["A", "B", "C"]);
		expect(await list(`?setup_id=${one.id}`)).toEqual(["A", "B"]);
		expect(await list("?entity_name=Acme")).toEqual(["A", "C"]);
		expect(await list(`?entity_name=Acme&setup_id=${two.id}`)).toEqual(["C"]);
		expect(await list("?channel=email")).toEqual(["A", "B", "C"]);
		expect(await list("?channel=inbound_voice")).toEqual([]);
		expect(await list("?entity_name=a%00b")).toEqual([]);
	});

	/** Names are of letters alone. */
	const letters = (index: number) => String.fromCharCode(97 + Math.floor(index / 26), 97 + (index % 26));

	it("lists use cases in pages to who asks for them, and as a whole to who does not", async () => {
		const workspace = await newWorkspace();
		const one = await createSetup(workspace);
		const two = await createSetup(workspace);
		const made: string[] = [];
		for (let index = 0; index < 30; index += 1) {
			const json = useCase(index % 5 === 0 ? two : one, { name: letters(index) });
			const { status, body } = await api<UseCaseResponse>("POST", "/use-cases", { json, ...workspace });
			expect(status).toBe(201);
			made.push(body.name);
		}
		const list = async (query: string) =>
			(await api<UseCaseListResponse>("GET", `/use-cases${query}`, workspace)).body;
		const whole = await list("");
		expect(whole.items.map(({ name }) => name)).toEqual(made);
		expect(whole).toMatchObject({ has_more: false, continuation_token: null });

		const seen: string[] = [];
		let token: number | null | undefined = 0;
		do {
			const page: UseCaseListResponse = await list(
				`?limit=20&setup_id=${one.id}&continuation_token=${token}`,
			);
			expect(page.items.length).toBeLessThanOrEqual(20);
			expect(page.has_more).toBe(typeof page.continuation_token === "number");
			seen.push(...page.items.map(({ name }) => name));
			token = page.continuation_token;
		} while (token !== null && token !== undefined);
		expect(seen).toEqual(made.filter((_, index) => index % 5 !== 0));
	});

	it("has an end for a list that nobody asked for in pages, and says so", async () => {
		const workspace = await newWorkspace();
		const { id } = await createSetup(workspace);
		const database = await openDatabase(service.location);
		try {
			await database.db
				.insertInto("use_cases")
				.values(
					Array.from({ length: 1_001 }, (_, index) => ({
						id: randomUUID(),
						workspace_id: workspace.workspaceId,
						setup_id: id,
						entity_name: "Acme",
						name: `From before there was a limit ${index}`,
						description: null,
						sender_email_address: "a@acme.com",
						email_type: "marketing",
						created_at: 0,
						updated_at: 0,
					})),
				)
				.execute();
		} finally {
			await database.close();
		}
		const list = async (query: string) =>
			(await api<UseCaseListResponse>("GET", `/use-cases${query}`, workspace)).body;
		const first = await list("");
		const rest = await list(`?continuation_token=${first.continuation_token}`);
		expect([first.items.length, first.has_more, rest.items.length, rest.has_more]).toEqual([
			1_000,
			true,
			1,
			false,
		]);
	});

	it("takes only so many use cases of a setup, and names ten of them when it is to be deleted", async () => {
		const workspace = await newWorkspace();
		const setup = await createSetup(workspace);
		const post = (index: number) =>
			api("POST", "/use-cases", { json: useCase(setup, { name: letters(index) }), ...workspace });
		const answers = [];
		for (let index = 0; index < 30; index += 1) answers.push(await post(index));
		// The rest at once: the limit holds between them, too.
		answers.push(...(await Promise.all([30, 31, 32, 33, 34, 35, 36].map(post))));
		const refused = answers.filter(({ status }) => status !== 201);
		expect(refused.map(({ status, code }) => [status, code])).toEqual(Array(2).fill([409, "use-case-limit"]));
		const { status, body } = await api<{ detail: string }>(
			"DELETE",
			`/channels/ses-setup/${setup.id}`,
			workspace,
		);
		expect(status).toBe(409);
		expect(body.detail.split("Acme/")).toHaveLength(11);
		expect(body.detail).toMatch(
			/^Setup still referenced by active use cases\. Delete those first: .* and 25 more\.$/,
		);
	});

	it("takes the addresses of the setup's domain and of what is below it, as SES sends for", async () => {
		const workspace = await newWorkspace();
		const setup = await createSetup(workspace);
		const { domain_identity: domain } = setup;
		const post = (address: string, name: string) =>
			api("POST", "/use-cases", {
				json: useCase(setup, { name, sender_email_address: address }),
				...workspace,
			});
		expect((await post(`a@${domain}`, "a")).status).toBe(201);
		expect((await post(`a@${domain.toUpperCase()}`, "b")).status).toBe(201);
		expect((await post(`a@eu.news.${domain}`, "c")).status).toBe(201);
		for (const wrong of [`a@not${domain}`, "a@acme.com", `a@${domain}.evil.com`]) {
			expect(await post(wrong, "d")).toMatchObject({
				status: 422,
				body: { detail: [{ loc: ["body", "sender_email_address"], msg: expect.stringContaining(domain) }] },
			});
		}
	});

	it("refuses a use case twice, of no setup, of another workspace's, and for voice", async () => {
		const workspace = await newWorkspace();
		const setup = await createSetup(workspace);
		const foreign = await createSetup();
		const post = (json: unknown) => api("POST", "/use-cases", { json, ...workspace });
		expect((await post(useCase(setup))).status).toBe(201);
		expect(await post(useCase(setup))).toMatchObject({ status: 409, code: "use-case-exists" });
		expect(await post(useCase({ ...setup, id: randomUUID() }))).toMatchObject({
			status: 404,
			code: "setup-not-found",
			body: { detail: expect.any(String) },
		});
		expect(await post(useCase(foreign))).toMatchObject({ status: 404, code: "setup-not-found" });
		expect(await post({ ...useCase(setup), channel: "inbound_voice" })).toMatchObject({
			status: 422,
			body: { detail: [{ loc: ["body", "channel"], msg: expect.stringContaining("e-mail only") }] },
		});
	});

	it("never leaves a use case on a setup that is deleted meanwhile", async () => {
		for (let round = 0; round < 10; round += 1) {
			const setup = await createSetup();
			const [deleted, ...made] = await Promise.all([
				api("DELETE", `/channels/ses-setup/${setup.id}`),
				...Array.from({ length: 3 }, (_, index) =>
					api<UseCaseResponse>("POST", "/use-cases", {
						json: useCase(setup, {
							name: `Race ${"abc"[index]}`,
							entity_name: `Round ${"abcdefghij"[round]}`,
						}),
					}),
				),
			]);
			const standing = made.filter(({ status }) => status === 201);
			expect(made.every(({ status }) => [201, 404, 409].includes(status))).toBe(true);
			expect(deleted?.status).toBe(standing.length > 0 ? 409 : 204);
			const { body } = await api<UseCaseListResponse>("GET", `/use-cases?setup_id=${setup.id}`);
			expect(body.items).toHaveLength(standing.length);
		}
	});
}
