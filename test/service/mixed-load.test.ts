/** @module-tag all */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { type FaultRule, type Sandbox, startSandbox } from "../../sandbox/index.js";
import type { SesSetupDetailResponse } from "../../sdk/index.js";
import { createApiKey, permissions } from "../../service/index.js";
import { untilAgreed } from "../support/agreement.js";
import { type Api, apiOf } from "../support/channels-api.js";
import { describeOnEachDatabase } from "../support/databases.js";
import { type ServiceProcess, startServiceProcess } from "../support/service-process.js";

/** `npm run test:soak` asks for many; a few show that the test itself works. */
const kills = Number(process.env.CHANNELS_SOAK_KILLS ?? 6);

const timing = {
	upstreamDeadlineMs: 2_000,
	// The longest delay below, and a little.
	settleMs: 1_200,
	leaseMs: 3_200,
	recoveryIntervalMs: 100,
	// A key is remembered for as long as a client may send it again.
	sweepsMs: [500, 2_000, 60_000],
};

/** Few names, so that creates meet what others left. */
const pool = Array.from({ length: 18 }, (_, index) => ({
	tenant_name: `tenant-${index}`,
	domain_identity: `mail${index}.acme.com`,
}));

function oneOf<Item>(items: readonly Item[]): Item {
	const item = items[Math.floor(Math.random() * items.length)];
	if (item === undefined) throw new Error("nothing to choose from");
	return item;
}

function randomFault(): FaultRule {
	const operation = oneOf([
		"CreateTenant",
		"CreateEmailIdentity",
		"CreateTenantResourceAssociation",
		"GetTenant",
		"GetEmailIdentity",
		"ListResourceTenants",
		"DeleteTenantResourceAssociation",
		"DeleteTenant",
		"DeleteEmailIdentity",
	]);
	const when = oneOf(["before", "after"] as const);
	const effect: FaultRule["effect"] = oneOf([
		{ kind: "error", status: 500, code: "InternalServiceError", message: "injected", when },
		{ kind: "error", status: 429, code: "TooManyRequestsException", message: "injected" },
		{ kind: "error", status: 500, code: "ConcurrentModificationException", message: "injected" },
		{ kind: "drop", when },
		{ kind: "delay", ms: Math.random() * 1_000, when },
	]);
	return { service: "sesv2", operation, times: oneOf([1, 1, 2, 4]), effect };
}

interface Page {
	readonly items?: { readonly id: string; readonly tenant_name: string }[];
}

/** What the clients were told. */
interface Told {
	readonly answers: Map<string, number>;
	/** Made by a 201, and nobody asked to delete them. */
	readonly kept: Set<string>;
	/** Shown by a list, and made by nobody knows whom. */
	readonly listed: Set<string>;
	/** Deleted by a 204. */
	readonly deleted: Set<string>;
	/** What each create has made, which was sent again with its key. */
	readonly made: Set<string>[];
}

/** Creates, verifies, lists and deletes at random until it is stopped. */
async function load(api: () => Api, told: Told, stopped: () => boolean): Promise<void> {
	while (!stopped()) {
		const { kept, listed } = told;
		const ids = [...kept, ...listed];
		const known = ids.length > 0 ? oneOf(ids) : undefined;
		const action = oneOf(["create", "create", "create", "delete", "delete", "verify", "list"]);
		try {
			if (action === "create") {
				await create(api, told);
			} else if (action === "list") {
				const { status, body } = await api()<Page>("GET", "/channels/ses-setup?limit=20");
				count(told, `list ${status}`);
				// Among them those whose 201 was lost.
				for (const { id } of body.items ?? []) if (!kept.has(id)) listed.add(id);
			} else if (known !== undefined && action === "verify") {
				count(told, `verify ${(await api()("POST", `/channels/ses-setup/${known}/verify`)).status}`);
			} else if (known !== undefined) {
				kept.delete(known);
				listed.delete(known);
				const { status } = await api()("DELETE", `/channels/ses-setup/${known}`);
				count(told, `delete ${status}`);
				if (status === 204) told.deleted.add(known);
			}
		} catch {
			// The process that was asked has been killed.
			count(told, "lost");
			await sleep(50);
		}
	}
}

/** A create, of which there may be two copies, each of them sent again until it is answered. */
async function create(api: () => Api, told: Told): Promise<void> {
	const [json, headers] = [oneOf(pool), { "idempotency-key": randomUUID() }];
	const made = new Set<string>();
	told.made.push(made);
	const copy = async () => {
		for (let tries = 1; tries <= 6; tries += 1) {
			try {
				const request = { json, headers };
				const { status, body } = await api()<SesSetupDetailResponse>("POST", "/channels/ses-setup", request);
				count(told, `create ${status}`);
				// Others may have deleted it since another copy was answered.
				if (status === 201 && made.size === 0) told.kept.add(body.id);
				if (status === 201) made.add(body.id);
				if (status < 500) return;
			} catch {
				count(told, "lost");
				await sleep(50);
			}
		}
	};
	await Promise.all(Array.from({ length: oneOf([1, 1, 2]) }, copy));
}

function count({ answers }: Told, answer: string): void {
	answers.set(answer, (answers.get(answer) ?? 0) + 1);
}

describeOnEachDatabase("under a mixed load with faults upstream", (newLocation) => {
	it(`agrees with SES after ${kills} kills`, { timeout: 120_000 + kills * 5_000 }, async () => {
		const location = await newLocation();
		const workspaceId = randomUUID();
		const { key: apiKey } = await createApiKey(location, workspaceId, permissions);
		const sandbox: Sandbox = await startSandbox();
		sandbox.route53.createZone("acme.com");
		const start = () =>
			startServiceProcess({ sandbox, location, timing, limits: { requestsPerSecond: 10_000 } });
		const instances: ServiceProcess[] = [await start(), await start()];
		const api = () => apiOf({ url: oneOf(instances).url, apiKey, workspaceId });
		const told: Told = {
			answers: new Map(),
			kept: new Set(),
			listed: new Set(),
			deleted: new Set(),
			made: [],
		};
		let isOver = false;
		try {
			const clients = Array.from({ length: 6 }, () => load(api, told, () => isOver));
			const trouble = (async () => {
				while (!isOver) {
					const lift = sandbox.faults.add(randomFault());
					await sleep(Math.random() * 800);
					if (Math.random() < 0.3) lift();
				}
			})();
			for (let kill = 0; kill < kills; kill += 1) {
				await sleep(Math.random() * 500);
				const victim = kill % instances.length;
				await instances[victim]?.kill();
				instances[victim] = await start();
			}
			isOver = true;
			await Promise.all([...clients, trouble]);
			sandbox.faults.clear();

			await untilAgreed(location, sandbox.ses, 30_000);
			const { body } = await api()<Page>("GET", "/channels/ses-setup?limit=20");
			const items = body.items ?? [];
			const standing = new Set(items.map(({ id }) => id));
			expect([...told.kept].filter((id) => !standing.has(id))).toEqual([]);
			expect([...told.deleted].filter((id) => standing.has(id))).toEqual([]);
			expect(told.made.filter((ids) => ids.size > 1)).toEqual([]);
			const taken = new Set(items.map(({ tenant_name }) => tenant_name));
			for (const json of pool) {
				const { status } = await api()("POST", "/channels/ses-setup", { json });
				expect(status, `${json.tenant_name} is ${taken.has(json.tenant_name) ? "taken" : "free"}`).toBe(
					taken.has(json.tenant_name) ? 409 : 201,
				);
			}
			const statuses = [...told.answers.keys()];
			expect(statuses.filter((answer) => !/lost| (20[014]|404|409|50[234])$/.test(answer))).toEqual([]);
			expect(told.answers.get("create 201")).toBeGreaterThan(0);
			console.info(`${kills} kills; answers: ${JSON.stringify(Object.fromEntries(told.answers))}`);
		} finally {
			isOver = true;
			await Promise.all(instances.map((instance) => instance.kill()));
			await sandbox.close();
		}
	});
});
