import { describe, expect, test } from "vitest";
import { DeadlineError } from "../../provider/core/deadline.js";
import { IncompleteError, lines, saying, UserError } from "../../provider/core/errors.js";
import type { Handler } from "../../provider/core/handler.js";
import { Resource } from "../../provider/core/resource.js";
import { Claims } from "../../provider/core/run/claims.js";
import { Operations } from "../../provider/core/running-operations.js";
import type { SettingsProblem } from "../../provider/core/settings/source.js";
import type { World } from "../../provider/core/world.js";
import { ForbiddenError } from "../../sdk/index.js";

const settings = {
	api: {
		kind: "remote" as const,
		apiKey: "ck_secret",
		workspaceId: "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed",
		baseUrl: "https://api.example",
	},
	dnsServers: undefined,
	aws: {},
};

const never = async (): Promise<never> => {
	throw new Error("is not asked for");
};

/** A setup whose making fails with this. */
function failing(error: unknown, stop = new AbortController().signal, problems?: SettingsProblem[]) {
	const handler: Handler<object, object> = {
		kind: "SesSetup",
		diff: never,
		update: never,
		read: never,
		delete: never,
		create: () => Promise.reject(error),
	};
	return new Resource(handler, {
		settings: () => (problems ? { problems } : { settings }),
		problem: () => undefined,
		claims: new Claims(),
		operations: new Operations(),
		world: async () => ({ stop }) as World,
	});
}

const failure = (resource: Resource<object, object>): Promise<UserError> =>
	resource.create("urn", {}).then(
		() => expect.unreachable(),
		(error: unknown) => error as UserError,
	);

const forbidden = new ForbiddenError("no right.", {
	...{
		method: "GET",
		url: "https://api.example/v1",
		status: 403,
		code: "api-forbidden",
		attempts: 1,
		inDoubt: false,
	},
});

describe("an error of a resource ends in its code:", () => {
	test.each<[string, unknown, string, string]>([
		["one of ours", new UserError("zone-not-found", "no zone."), "no zone.", "zone-not-found"],
		["a deadline", new DeadlineError("records-not-served", "it", 60_000), "in vain.", "records-not-served"],
		["the API's", forbidden, "no right.", "api-forbidden"],
		["what is said about another", saying("It stays: no right.", forbidden), "no right.", "api-forbidden"],
		["a bug", new TypeError("x is undefined"), "x is undefined", "unexpected"],
		["what is no error", "a text", "a text", "unexpected"],
	])("%s", async (_, cause, end, code) => {
		const error = await failure(failing(cause));
		expect(error).toMatchObject({ name: "UserError", code });
		expect(error.message.startsWith("SesSetup was not created: ")).toBe(true);
		expect(error.message.endsWith(`${end} [${code}]`)).toBe(true);
		expect(error.message.match(/\[/g)).toHaveLength(1);
	});

	test("the last reason of what is made and not ready", async () => {
		const error = await failure(
			failing(new IncompleteError("records-not-verified", "id-1", {}, ["1 of 5.", "MX: nothing."])),
		);
		expect(error).toMatchObject({
			...{ name: "IncompleteError", id: "id-1", code: "records-not-verified" },
			reasons: ["1 of 5.", "MX: nothing. [records-not-verified]"],
		});
		expect(error.message).toBe("1 of 5.\nMX: nothing. [records-not-verified]");
	});

	test("a stop, whatever broke off", async () => {
		const { code, message } = await failure(failing(new Error("Told to stop."), AbortSignal.abort()));
		expect(code).toBe("stopped");
		expect(message).toMatch(/goes on from here\. \[stopped\]$/);
	});

	test("settings, that are missing alone or wrong", async () => {
		const missing = { setting: "channels:apiKey", reason: "is not set.", missing: true } as const;
		const wrong = { setting: "channels:baseUrl", reason: "is no URL." };
		const told = await failure(failing(undefined, undefined, [missing]));
		expect(told.message).toMatch(
			/^SesSetup was not created: channels:apiKey is not set\.\n[^[]*\[setting-missing\]$/,
		);
		expect((await failure(failing(undefined, undefined, [missing, wrong]))).code).toBe("setting-invalid");
	});
});

describe("what others have written in an error begins no line:", () => {
	const theirs = "a\n::error::b\u001b[2J";
	const escaped = "a\\u000a::error::b\\u001b[2J";

	test.each<[string, unknown]>([
		["in a sentence of ours", new UserError("zone-not-found", theirs)],
		["in an error of others", new TypeError(theirs)],
		["in what is no error", theirs],
	])("%s", async (_, cause) => {
		const { message } = await failure(failing(cause));
		expect(message.replace(/ \[.*$/, "")).toBe(`SesSetup was not created: ${escaped}`);
	});

	test("beside lines of ours, which stay", async () => {
		const cause = new UserError("zone-not-found", lines("no zone.", `  ${theirs}`));
		const { message } = await failure(failing(saying(lines("It stays.", cause, "Try again."), cause)));
		expect(message.split("\n")).toEqual([
			...["SesSetup was not created: It stays.", "no zone.", `  ${escaped}`, "Try again. [zone-not-found]"],
		]);
	});

	test("in the reasons why something is not ready", async () => {
		const reasons = [theirs, lines("MX:", theirs)];
		const cause = new IncompleteError("records-not-verified", "id-1", {}, reasons);
		expect(await failure(failing(cause))).toMatchObject({
			reasons: [escaped, `MX:\n${escaped} [records-not-verified]`],
		});
	});
});

test("each reason of a check ends in its code", () => {
	const names = { tenantName: "acme", domainIdentity: "mail.acme.com" };
	const resource = failing(undefined, undefined, [
		{ setting: "channels:apiKey", reason: "is not set.", missing: true },
		{ setting: "channels:baseUrl", reason: "is no URL." },
	]);
	expect(resource.check("urn::first", names).map(({ reason }) => reason)).toEqual([
		"channels:apiKey is not set. [setting-missing]",
		"channels:baseUrl is no URL. [setting-invalid]",
	]);
	const problems = resource.check("urn::second", { ...names, domainIdentity: "acme.com", ttl: 1 });
	expect(problems.slice(2)).toEqual([
		{ property: "ttl", reason: expect.stringMatching(/ \[argument-invalid\]$/) },
		{ property: "tenantName", reason: expect.stringMatching(/ \[names-declared-twice\]$/) },
	]);
});
