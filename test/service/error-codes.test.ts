import { randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/index.js";
import { errorCodes, ServiceError } from "../../service/error-codes.js";
import { ApiError } from "../../service/setups/errors.js";
import { errorCodes as sesCodes } from "../../ses/error-codes.js";
import { type Api, apiOf } from "../support/channels-api.js";
import { startTestService, type TestService } from "../support/service.js";

// Each other code is shown beside the behaviour that it belongs to.

let sandbox: Sandbox;
let service: TestService;
let api: Api;
beforeAll(async () => {
	sandbox = await startSandbox();
	service = await startTestService({ sandbox });
	api = apiOf(service);
});
afterAll(async () => {
	await service?.stop();
	await sandbox?.close();
});
afterEach(() => sandbox.faults.clear());

let count = 0;
const names = () => {
	count += 1;
	return { tenant_name: `coded-${count}`, domain_identity: `coded-${count}.acme.com` };
};
const create = (json: object, more = {}) =>
	api<{ id: string }>("POST", "/channels/ses-setup", { json, ...more });

async function newWorkspace() {
	const workspaceId = randomUUID();
	return { workspaceId, key: await service.createKey({ workspaceId }) };
}

/** Has SES wait with an operation; resolves once it has begun. */
async function hold(operation: string) {
	const held = Promise.withResolvers<void>();
	sandbox.faults.add({ service: "sesv2", operation, effect: { kind: "hold", until: held.promise } });
	const before = sandbox.log.count({ operation });
	const reached = () => sandbox.log.until((log) => log.count({ operation }) > before);
	return { release: held.resolve, reached };
}

it("says of names that a create or a delete is at that they are busy, in whatever workspace", async () => {
	const json = names();
	const creating = await hold("CreateTenant");
	const made = create(json);
	await creating.reached();
	const during = [await create(json), await create(json, await newWorkspace())];
	creating.release();
	const { status, body } = await made;
	expect(status).toBe(201);

	const deleting = await hold("DeleteEmailIdentity");
	const gone = api("DELETE", `/channels/ses-setup/${body.id}`);
	await deleting.reached();
	during.push(await create(json), await create(json, await newWorkspace()));
	const useCase = await api("POST", "/use-cases", {
		json: {
			channel: "email",
			entity_name: "Acme",
			name: "Late",
			setup_id: body.id,
			sender_email_address: `a@${json.domain_identity}`,
			email_type: "marketing",
		},
	});
	deleting.release();
	expect((await gone).status).toBe(204);
	expect(during.map(({ status, code }) => [status, code])).toEqual(Array(4).fill([409, "names-busy"]));
	expect([useCase.status, useCase.code]).toEqual([409, "setup-being-deleted"]);
});

it("says of a fault of its own that it is one", async () => {
	const broken = await startTestService({ sandbox });
	try {
		const database = new DatabaseSync(broken.location);
		database.exec("drop table use_cases");
		database.close();
		const answer = await apiOf(broken)("GET", "/use-cases");
		expect([answer.status, answer.code, answer.body]).toEqual([
			500,
			"internal",
			{ detail: "Internal Server Error" },
		]);
	} finally {
		await broken.stop();
	}
});

it("sends no code with what succeeds", async () => {
	for (const answer of [await create(names()), await api("GET", "/channels/ses-setup")])
		expect([answer.status < 300, answer.code]).toEqual([true, null]);
});

it("has no code that no error is given", async () => {
	const folder = join(import.meta.dirname, "../../service");
	const files = (await readdir(folder, { recursive: true })).filter(
		(file) => file.endsWith(".ts") && !/^(dist|node_modules)|error-codes/.test(file),
	);
	const sources = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
	const text = sources.join();
	const own = errorCodes.filter((code) => !sesCodes.some((of) => of === code));
	expect(own.filter((code) => !text.includes(`"${code}"`))).toEqual([]);
});

it("has no code in the message of an error", () => {
	expect(new ApiError(409, "names-taken", "Tenant name already exists.").message).not.toContain(
		"names-taken",
	);
	expect(new ServiceError("setting-invalid", "It is wrong.").message).toBe("It is wrong.");
});
