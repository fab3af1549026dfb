import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { domainProblem } from "../../dns/index.js";
import { type Sandbox, startSandbox } from "../../sandbox/index.js";
import { startTestService, type TestService } from "../support/service.js";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

let sandbox: Sandbox;
let service: TestService;
let served: Json;

beforeAll(async () => {
	sandbox = await startSandbox();
	service = await startTestService({ sandbox });
	served = (await (await fetch(`${service.url}/openapi.json`)).json()) as Json;
});
afterAll(async () => {
	await service?.stop();
	await sandbox?.close();
});

/** What is for readers alone. */
const prose = new Set(["description", "title", "summary", "tags", "info", "servers"]);
/** Members whose keys are names, not keywords. */
const named = new Set(["properties", "mapping", "schemas", "paths", "responses", "securitySchemes"]);

/** One spelling for what JSON Schema lets one spell in several ways. */
function normalise(value: Json, isNamed = false): Json {
	if (Array.isArray(value)) return value.map((each) => normalise(each));
	if (typeof value !== "object" || value === null) return value;
	const entries = Object.entries(value)
		.filter(([key]) => isNamed || !prose.has(key))
		.map(([key, inner]): [string, Json] => [key, normalise(inner, named.has(key))]);
	const object: { [key: string]: Json } = Object.fromEntries(entries);
	if (isNamed) return object;
	if (Array.isArray(object.required)) object.required = [...object.required].sort();
	if (Array.isArray(object.parameters)) {
		object.parameters = Object.fromEntries(
			object.parameters.map((each) => [(each as { name: string }).name, each]),
		);
	}
	if (Array.isArray(object.enum) && object.enum.length === 1) {
		object.const = object.enum[0] ?? null;
		delete object.enum;
	}
	return withoutNull(object);
}

/** `anyOf: [X, null]` and `type: [X, null]` are both spelled as X that is nullable. */
function withoutNull(object: { [key: string]: Json }): Json {
	const { anyOf, type, ...rest } = object;
	const isNull = (each: Json) =>
		typeof each === "object" && each !== null && "type" in each && each.type === "null";
	if (Array.isArray(anyOf) && anyOf.some(isNull)) {
		const others = anyOf.filter((each) => !isNull(each));
		if (others.length === 1) return { ...rest, ...(others[0] as object), nullable: true };
	}
	if (Array.isArray(type) && type.includes("null") && type.length === 2) {
		const values = Array.isArray(rest.enum) ? { enum: rest.enum.filter((each) => each !== null) } : {};
		return { ...rest, ...values, type: type.find((each) => each !== "null") ?? null, nullable: true };
	}
	return object;
}

/** The description without our own header of refusals, which no client needs. */
function withoutCodes(value: Json): Json {
	if (Array.isArray(value)) return value.map(withoutCodes);
	if (typeof value !== "object" || value === null) return value;
	const entries = Object.entries(value).map(([key, inner]): [string, Json] => [key, withoutCodes(inner)]);
	return Object.fromEntries(
		entries.filter(
			([key, inner]) => key !== "headers" || Object.keys(inner as object).join() !== "channels-error-code",
		),
	);
}

/** Every leaf by its path. */
function leaves(value: Json, path = ""): Map<string, string> {
	if (typeof value !== "object" || value === null || Object.keys(value).length === 0) {
		return new Map([[path, JSON.stringify(value)]]);
	}
	return new Map(Object.entries(value).flatMap(([key, inner]) => [...leaves(inner, `${path} ${key}`)]));
}

/** Where the service's description differs from the API's, and why. Each must occur. */
const differences: [where: RegExp, why: string][] = [
	[/^ paths .* responses (401|429|503) /, "statuses that the API answers, too, without describing them"],
	[/^ paths .* post responses (413|415) /, "the same, of requests with a body"],
	[/^ components schemas ErrorResponse /, "the body of these"],
	[
		/^ (paths .*use-cases post requestBody|components schemas VoiceUseCaseRequest) ?/,
		"e-mail only: no voice",
	],
	[
		/^ paths .*use-cases(?: post|\/\{use_case_id\} delete) responses 50[24]$/,
		"use cases touch nothing upstream here",
	],
	[/^ paths .*use-cases get parameters \w+ schema nullable$/, "a query cannot say null"],
	[/^ paths .*use-cases get parameters (limit|continuation_token) /, "use cases in pages, as setups"],
	[/ UseCaseListResponse properties (has_more|continuation_token|total) /, "the same"],
	[/ EmailUseCaseRequest properties sender_email_address maxLength$/, "what an address has room for"],
	[/ continuation_token schema (minimum|maximum)$/, "where a position can lie"],
	[/ CreateSesSetupRequest properties domain_identity (maxLength|pattern)$/, "what a host name is"],
	[/ EmailUseCaseRequest properties description pattern$/, "what a database can hold"],
	[/^ paths .*use-cases\/\{use_case_id\} delete responses 409$/, "the same: there are no phone assignments"],
	[/ ValidationError properties ctx additionalProperties$/, "said outright: any"],
	[
		/^ (paths .*\/diagnosis |components schemas SesSetupDiagnosisResponse )/,
		"an endpoint of our own: why a record is not verified",
	],
	[/^ paths .*ses-setup post parameters Idempotency-Key /, "a header of our own, which no client needs"],
	[/^ (components parameters|webhooks)$/, "empty, from the generator"],
];

describe("/openapi.json", () => {
	it("describes the API as the API describes itself, but for the differences listed", async () => {
		const file = new URL("fixtures/openapi-shapes.json", import.meta.url);
		const theirs = leaves(normalise(JSON.parse(await readFile(file, "utf8")) as Json));
		const ours = leaves(withoutCodes(normalise(served)));
		const differing = [...new Set([...theirs.keys(), ...ours.keys()])].filter(
			(path) => theirs.get(path) !== ours.get(path),
		);
		const unexplained = differing
			.filter((path) => !differences.some(([where]) => where.test(path)))
			.map((path) => `${path}: ${theirs.get(path)} in the API, ${ours.get(path)} here`);
		expect(unexplained).toEqual([]);
		const idle = differences.filter(([where]) => !differing.some((path) => where.test(path)));
		expect(idle).toEqual([]);
	});

	it("describes the code of an error with every refusal, and with nothing else", () => {
		const { paths } = served as {
			paths: Record<string, Record<string, { responses: Record<string, { headers?: Json }> }>>;
		};
		const responses = Object.values(paths)
			.flatMap((methods) => Object.values(methods))
			.flatMap(({ responses }) => Object.entries(responses));
		expect(responses.length).toBeGreaterThan(40);
		for (const [status, { headers }] of responses) {
			const code = { schema: expect.objectContaining({ type: "string" }), required: true };
			expect(headers).toEqual(Number(status) < 400 ? undefined : { "channels-error-code": code });
		}
	});

	it("describes a domain exactly as it is checked", () => {
		const { pattern, maxLength } = (
			served as unknown as {
				components: {
					schemas: {
						CreateSesSetupRequest: {
							properties: { domain_identity: { pattern: string; maxLength: number } };
						};
					};
				};
			}
		).components.schemas.CreateSesSetupRequest.properties.domain_identity;
		const described = (text: string) => new RegExp(pattern, "u").test(text) && text.length <= maxLength;
		const label = fc.stringMatching(/^[a-zA-Z0-9-]{0,64}$/);
		const nearDomains = fc.oneof(
			fc.domain(),
			fc.array(label, { minLength: 1, maxLength: 6 }).map((labels) => labels.join(".")),
			fc.string(),
			fc.ipV4(),
			fc.stringMatching(/^a\.(0x)?[0-9a-fA-F]{0,3}$/),
		);
		fc.assert(
			fc.property(nearDomains, (text) => {
				expect(described(text)).toBe(domainProblem(text) === undefined);
			}),
			{ numRuns: 2_000 },
		);
	});
});
