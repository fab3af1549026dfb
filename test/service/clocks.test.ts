/** @module-tag all */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/index.js";
import type { SesSetupDetailResponse, UseCaseResponse } from "../../sdk/index.js";
import { createApiKey, listApiKeys, permissions, revokeApiKey } from "../../service/index.js";
import { type Api, apiOf } from "../support/channels-api.js";
import { startPostgres, type TestPostgres } from "../support/postgres.js";
import { sendRaw } from "../support/raw-http.js";
import { startTestService, type TestService } from "../support/service.js";

/** How far the database's clock is ahead of the service's. */
const aheadMs = 3_600_000;
/** As far as a slow machine may be behind. */
const nearMs = 60_000;

describe("where the database's clock is an hour ahead", () => {
	let sandbox: Sandbox;
	let postgres: TestPostgres;
	let location: string;
	let service: TestService;
	let api: Api;

	beforeAll(async () => {
		sandbox = await startSandbox();
		sandbox.route53.createZone("acme.com");
		postgres = await startPostgres();
		location = await postgres.createDatabase();
		await using session = await postgres.connect(location);
		// Functions of a schema before pg_catalog come before its own.
		await session.query(`
			create schema skewed;
			create function skewed.clock_timestamp() returns timestamptz language sql volatile
				as $$ select pg_catalog.clock_timestamp() + interval '${aheadMs} milliseconds' $$;
			alter database ${location.slice(location.lastIndexOf("/") + 1)} set search_path = skewed, pg_catalog`);
		service = await startTestService({ sandbox, database: { location } });
		api = apiOf(service);
	});
	afterAll(async () => {
		await service?.stop();
		await postgres?.stop();
		await sandbox?.close();
	});

	function expectDatabaseTimes(times: Readonly<Record<string, string | number | null | undefined>>): void {
		const expected = Date.now() + aheadMs;
		const isNear = (time: string | number) => Math.abs(new Date(time).getTime() - expected) < nearMs;
		expect(Object.entries(times).filter(([, time]) => !time || !isNear(time))).toEqual([]);
	}

	it("every time that is told is by that clock, and so is the Date of every answer", async () => {
		const made = await api<SesSetupDetailResponse>("POST", "/channels/ses-setup", {
			json: { tenant_name: "clock", domain_identity: "clock.acme.com" },
		});
		const { id, created_at, updated_at } = made.body;
		const checked = await api<SesSetupDetailResponse>("GET", `/channels/ses-setup/${id}`);
		const useCase = await api<UseCaseResponse>("POST", "/use-cases", {
			json: {
				channel: "email",
				entity_name: "Acme",
				name: "Clock",
				setup_id: id,
				sender_email_address: "a@clock.acme.com",
				email_type: "marketing",
			},
		});
		const refusals = {
			app: await sendRaw(service.url, { parts: ["GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"] }),
			adapter: await sendRaw(service.url, { parts: ["GET / HTTP/1.1\r\nconnection: close\r\n\r\n"] }),
			parser: await sendRaw(service.url, { parts: ["nonsense\r\n\r\n"] }),
		};
		expectDatabaseTimes({
			created_at,
			updated_at,
			dns_checked_at: checked.body.dns_checked_at,
			useCase: useCase.body.created_at,
			"Date of the create": made.headers.get("date"),
			"Date of a refusal by the app": refusals.app.headers.get("date"),
			"Date of a refusal by Hono's adapter": refusals.adapter.headers.get("date"),
			"Date of a refusal by Node.js": refusals.parser.headers.get("date"),
		});
		// `Date` has whole seconds, cut off.
		expect(Date.parse(made.headers.get("date") ?? "") + 1_000).toBeGreaterThan(Date.parse(created_at));
	});

	it("keys are made and revoked by that clock", async () => {
		const { id, createdAt } = await createApiKey(location, service.workspaceId, permissions);
		await revokeApiKey(location, id);
		const revoked = (await listApiKeys(location)).find((key) => key.id === id);
		expectDatabaseTimes({ createdAt, revokedAt: revoked?.revokedAt });
	});
});
