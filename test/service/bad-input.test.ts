import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/index.js";
import type { SesSetupDetailResponse, ValidationErrorItem } from "../../sdk/index.js";
import { type Api, apiOf } from "../support/channels-api.js";
import { startTestService, type TestService } from "../support/service.js";

let sandbox: Sandbox;
let service: TestService;
let api: Api;
let setupId: string;

beforeAll(async () => {
	sandbox = await startSandbox();
	service = await startTestService({ sandbox });
	api = apiOf(service);
	const made = await api<SesSetupDetailResponse>("POST", "/channels/ses-setup", {
		json: { tenant_name: "standing", domain_identity: "standing.acme.com" },
	});
	setupId = made.body.id;
});
afterAll(async () => {
	await service?.stop();
	await sandbox?.close();
});

type Item = Pick<ValidationErrorItem, "loc" | "type"> & { msg?: unknown };

async function problems(method: string, path: string, request: Parameters<Api>[2]): Promise<unknown> {
	const { status, code, body } = await api<{ detail: unknown }>(method, path, request);
	expect([status, code]).toEqual([422, "invalid-request"]);
	return body.detail;
}

function item({ msg = expect.any(String), ...rest }: Item): unknown {
	return { ...rest, msg };
}

const setup = { tenant_name: "acme", domain_identity: "mail.acme.com" };

describe("a create that is wrong", () => {
	const tenant = (value: unknown, type: string): [unknown, Item[]] => [
		{ ...setup, tenant_name: value },
		[{ loc: ["body", "tenant_name"], type }],
	];
	const domain = (value: unknown, type = "value_error"): [unknown, Item[]] => [
		{ ...setup, domain_identity: value },
		[{ loc: ["body", "domain_identity"], type }],
	];

	it.each<[unknown, Item[]]>([
		tenant(undefined, "missing"),
		tenant(null, "string_type"),
		tenant(7, "string_type"),
		tenant(["acme"], "string_type"),
		tenant("", "string_too_short"),
		tenant("a b", "string_pattern_mismatch"),
		tenant("acmé", "string_pattern_mismatch"),
		tenant("acme\n", "string_pattern_mismatch"),
		tenant("acme\u0000", "string_pattern_mismatch"),
		tenant("a".repeat(65), "string_too_long"),
		domain(undefined, "missing"),
		domain(null, "string_type"),
		domain({}, "string_type"),
		domain("", "string_too_short"),
		domain("acme"),
		domain("acme.com."),
		domain(".acme.com"),
		domain("acme..com"),
		domain("-acme.com"),
		domain("acme-.com"),
		domain("ac_me.com"),
		domain("*.acme.com"),
		domain("acme.com/x"),
		domain("http://acme.com"),
		domain("me@acme.com"),
		domain("127.0.0.1"),
		domain("[::1]"),
		domain("::1"),
		domain("acme.123"),
		domain("bücher.example"),
		domain("ac me.com"),
		domain("acme.com\u0000"),
		domain(`${"a".repeat(64)}.com`),
		domain(`${"a.".repeat(126)}com`),
		domain(`${"abcdefghi.".repeat(20)}abcdef.com`),
		domain(`${"abcdefghi.".repeat(26)}com`, "string_too_long"),
		[
			{},
			[
				{ loc: ["body", "tenant_name"], type: "missing" },
				{ loc: ["body", "domain_identity"], type: "missing" },
			],
		],
		[[], [{ loc: ["body"], type: "model_attributes_type" }]],
		[null, [{ loc: ["body"], type: "model_attributes_type" }]],
		["text", [{ loc: ["body"], type: "model_attributes_type" }]],
		[3, [{ loc: ["body"], type: "model_attributes_type" }]],
	])("%j", async (json, items) => {
		expect(await problems("POST", "/channels/ses-setup", { json })).toEqual(items.map(item));
	});

	it("shows the punycode of a domain outside ASCII", async () => {
		const json = { ...setup, domain_identity: "bücher.example" };
		expect(JSON.stringify(await problems("POST", "/channels/ses-setup", { json }))).toContain(
			"xn--bcher-kva.example",
		);
	});

	it.each(["{", "", "{'a':1}", '{"a":1}}', "\u0000", "[".repeat(50_000), "NaN"])(
		"a body that is no JSON: %.10j",
		async (body) => {
			const detail = await problems("POST", "/channels/ses-setup", { body });
			expect(detail).toEqual([item({ loc: ["body"], type: "json_invalid" })]);
		},
	);

	it("no body at all", async () => {
		expect(await problems("POST", "/channels/ses-setup", {})).toEqual([
			item({ loc: ["body", "tenant_name"], type: "missing" }),
			item({ loc: ["body", "domain_identity"], type: "missing" }),
		]);
	});

	it.each([
		"text/plain",
		"application/x-www-form-urlencoded",
		"multipart/form-data; boundary=x",
		"application/xml",
		"json",
		"",
	])("415 for the content type %j", async (type) => {
		const body = new TextEncoder().encode(JSON.stringify(setup));
		const answer = await api("POST", "/channels/ses-setup", { body, headers: { "content-type": type } });
		expect([answer.status, answer.code, answer.body]).toEqual([
			415,
			"bad-request",
			{ detail: "Unsupported Media Type" },
		]);
	});

	it("413 for a body beyond the limit, announced or not", async () => {
		const body = JSON.stringify({ ...setup, padding: "x".repeat(service.config.limits.bodyBytes) });
		const announced = await api("POST", "/channels/ses-setup", { body });
		const chunked = await fetch(`${service.url}/v1/${service.workspaceId}/channels/ses-setup`, {
			method: "POST",
			headers: { authorization: `Bearer ${service.apiKey}`, "content-type": "application/json" },
			body: new Blob([body]).stream(),
			duplex: "half",
		} as RequestInit);
		expect([announced.status, chunked.status]).toEqual([413, 413]);
		expect([announced.code, chunked.headers.get("channels-error-code")]).toEqual(
			Array(2).fill("body-too-large"),
		);
		expect(announced.body).toEqual({ detail: expect.any(String) });
		expect(await chunked.json()).toEqual(announced.body);
	});
});

describe("a query that is wrong", () => {
	it.each<[string, string, string]>([
		["limit=0", "limit", "greater_than"],
		["limit=-1", "limit", "greater_than"],
		["limit=21", "limit", "less_than_equal"],
		["limit=99999999999999999999", "limit", "less_than_equal"],
		["limit=", "limit", "int_parsing"],
		["limit=ten", "limit", "int_parsing"],
		["limit=1.5", "limit", "int_parsing"],
		["limit=1e1", "limit", "int_parsing"],
		["limit=0x5", "limit", "int_parsing"],
		["limit=%205", "limit", "int_parsing"],
		["limit=5&limit=6", "limit", "string_type"],
		["continuation_token=-1", "continuation_token", "greater_than_equal"],
		["continuation_token=9007199254740992", "continuation_token", "less_than_equal"],
		["continuation_token=abc", "continuation_token", "int_parsing"],
	])("?%s", async (query, name, type) => {
		expect(await problems("GET", `/channels/ses-setup?${query}`, {})).toEqual([
			item({ loc: ["query", name], type }),
		]);
	});

	it.each<[string, string, string]>([
		["setup_id=1", "setup_id", "uuid_parsing"],
		["setup_id=", "setup_id", "uuid_parsing"],
		["channel=fax", "channel", "enum"],
		["channel=", "channel", "enum"],
		["limit=0", "limit", "greater_than"],
		["limit=21", "limit", "less_than_equal"],
		["continuation_token=-1", "continuation_token", "greater_than_equal"],
	])("use cases ?%s", async (query, name, type) => {
		expect(await problems("GET", `/use-cases?${query}`, {})).toEqual([item({ loc: ["query", name], type })]);
	});

	it.each(["limit=1", "limit=20", "continuation_token=9007199254740991", "unknown=1"])(
		"takes ?%s",
		async (query) => {
			expect((await api("GET", `/channels/ses-setup?${query}`)).status).toBe(200);
		},
	);
});

describe("an id that is wrong", () => {
	it.each([
		["GET", "/channels/ses-setup/1", "setup_id"],
		["DELETE", "/channels/ses-setup/not-a-uuid", "setup_id"],
		["POST", "/channels/ses-setup/%00/verify", "setup_id"],
		["GET", "/channels/ses-setup/%zz", "setup_id"],
		["DELETE", "/use-cases/00000000-0000-0000-0000-00000000000g", "use_case_id"],
	])("%s %s", async (method, path, name) => {
		expect(await problems(method, path, {})).toEqual([item({ loc: ["path", name], type: "uuid_parsing" })]);
	});

	it.each([
		["GET", `/channels/ses-setup/${randomUUID()}`],
		["POST", "/channels/ses-setup/00000000-0000-0000-0000-000000000000/verify"],
		["DELETE", "/channels/ses-setup/ffffffff-ffff-ffff-ffff-ffffffffffff"],
		["DELETE", `/use-cases/${randomUUID()}`],
	])("%s %s is a UUID that names nothing: 404", async (method, path) => {
		expect((await api(method, path)).status).toBe(404);
	});
});

describe("a use case that is wrong", () => {
	const right = () => ({
		channel: "email",
		entity_name: "Acme",
		name: "Invoices",
		setup_id: setupId,
		sender_email_address: "a@standing.acme.com",
		email_type: "transactional",
	});

	it.each<[string, unknown, string]>([
		["channel", undefined, "missing"],
		["channel", "inbound_voice", "literal_error"],
		["channel", "fax", "literal_error"],
		["channel", null, "literal_error"],
		["entity_name", undefined, "missing"],
		["entity_name", "Acme 1", "string_pattern_mismatch"],
		["entity_name", "a".repeat(32), "string_too_long"],
		["name", 1, "string_type"],
		["name", "In_voices", "string_pattern_mismatch"],
		["description", 1, "string_type"],
		["description", "a".repeat(2001), "value_error"],
		["description", "a\u0000b", "value_error"],
		["description", "\ud800", "value_error"],
		["setup_id", "1", "uuid_parsing"],
		["setup_id", undefined, "missing"],
		["sender_email_address", "acme.com", "value_error"],
		["sender_email_address", `${"a".repeat(65)}@standing.acme.com`, "value_error"],
		["sender_email_address", `a@${"abcdefghi.".repeat(25)}com`, "string_too_long"],
		["sender_email_address", undefined, "missing"],
		["email_type", "spam", "enum"],
	])("%s: %j", async (field, value, type) => {
		const body = JSON.stringify({ ...right(), [field]: value });
		expect(await problems("POST", "/use-cases", { body })).toEqual([item({ loc: ["body", field], type })]);
	});
});

it("leaves nothing behind after all of these: neither upstream nor in the list", async () => {
	expect(sandbox.ses.tenants().map(({ name }) => name)).toEqual(["standing"]);
	expect(sandbox.ses.identities().map(({ name }) => name)).toEqual(["standing.acme.com"]);
	const calls = sandbox.log.all({ service: "sesv2" }).map(({ operation }) => operation);
	// The first is the service's own, whether SES accepts its credentials.
	expect(calls.sort()).toEqual(
		["GetTenant", "CreateTenant", "CreateEmailIdentity", "CreateTenantResourceAssociation"].sort(),
	);
	const list = await api<{ items: { id: string }[] }>("GET", "/channels/ses-setup");
	expect(list.body.items.map(({ id }) => id)).toEqual([setupId]);
	expect((await api("GET", "/use-cases")).body).toMatchObject({ items: [] });
});
