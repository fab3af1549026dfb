import { SESv2Client } from "@aws-sdk/client-sesv2";
import { afterEach, beforeEach, expect, it } from "vitest";
import { defaultAccount, type Sandbox, startSandbox } from "../../sandbox/index.js";
import type { SesSetupDetailResponse } from "../../sdk/index.js";
import { type ReconcileOptions, reconcile } from "../../service/index.js";
import { Deadline, makeInSes, Ses } from "../../ses/index.js";
import { type Api, apiOf } from "../support/channels-api.js";
import { describeOnEachDatabase } from "../support/databases.js";
import { startTestService, type TestService } from "../support/service.js";

const region = "us-east-1";

describeOnEachDatabase("setups that move between the service and the API in the provider", (newLocation) => {
	let sandbox: Sandbox;
	let service: TestService;
	let api: Api;
	beforeEach(async () => {
		sandbox = await startSandbox();
		service = await startTestService({ sandbox, database: { location: await newLocation() } });
		api = apiOf(service);
	});
	afterEach(async () => {
		await service?.stop();
		await sandbox?.close();
	});

	const inSes = () => {
		const { tenants, identities } = sandbox.ses.region(defaultAccount.id, region);
		return structuredClone({
			tenants: [...tenants.values()],
			identities: [...identities.values()].map(({ name, tags, dkim, mailFrom }) => [
				name,
				{ tags, dkim, mailFrom: [mailFrom?.domain, mailFrom?.behavior] },
			]),
		});
	};
	const run = (options: ReconcileOptions) =>
		reconcile(service.config, options, { random: () => 0.5, env: {}, progress: () => {} });
	const refused = (words: RegExp) => ({
		code: "reconcile-refused",
		message: expect.stringMatching(words),
	});
	const show = (id: string) => api<SesSetupDetailResponse>("GET", `/channels/ses-setup/${id}`);

	async function create(name: string): Promise<SesSetupDetailResponse> {
		const json = { tenant_name: name, domain_identity: `${name}.acme.com` };
		return (await api<SesSetupDetailResponse>("POST", "/channels/ses-setup", { json })).body;
	}

	/** As the API in the provider makes them. */
	async function makeAlone(more: { mailFrom: string | null; isAdopted: boolean }) {
		const client = new SESv2Client({ endpoint: sandbox.ses.url, region, credentials: defaultAccount });
		const ses = new Ses(client, region, { requestsPerSecond: 1_000, random: Math.random });
		const setup = {
			id: crypto.randomUUID(),
			workspaceId: service.workspaceId,
			tenantName: "alone",
			domain: "alone.acme.com",
			mark: crypto.randomUUID(),
			mailFrom: more.mailFrom,
		};
		using deadline = new Deadline(20_000);
		const { isAdopted } = more;
		const made = await makeInSes(ses, setup, { dmarcPolicy: "none", isAdopted, deadline });
		ses.close();
		return { ...setup, dnsRecords: made.dnsRecords };
	}

	it("are let go with all that they have in SES, as often as is asked, and taken in again", async () => {
		const setup = await create("moving");
		const before = inSes();
		const { report } = await run({ release: setup.id });
		expect(report).toContain("channels:api = embedded");
		expect(report).toContain(`channels:workspaceId = ${service.workspaceId}`);
		expect(inSes()).toEqual(before);
		expect((await show(setup.id)).status).toBe(404);
		expect((await run({ release: setup.id })).report).toContain("nothing is to be done");
		await run({ adopt: setup.id });
		const { body } = await show(setup.id);
		const names = ({ id, tenant_name, domain_identity, dns_records }: SesSetupDetailResponse) => ({
			...{ id, tenant_name, domain_identity, dns_records },
		});
		expect(names(body)).toEqual(names(setup));
		expect(inSes()).toEqual(before);
	});

	it("stay while use cases refer to them, while SES lacks something of them, and while they are deleted", async () => {
		const setup = await create("staying");
		const useCase = await api<{ id: string }>("POST", "/use-cases", {
			json: {
				...{ channel: "email", entity_name: "Acme", name: "Receipts", setup_id: setup.id },
				...{ sender_email_address: "a@staying.acme.com", email_type: "transactional" },
			},
		});
		await expect(run({ release: setup.id })).rejects.toMatchObject(refused(/Acme\/Receipts/));
		await api("DELETE", `/use-cases/${useCase.body.id}`);
		const { tenants, identities } = sandbox.ses.region(defaultAccount.id, region);
		tenants.get("staying")?.resources.clear();
		await expect(run({ release: setup.id })).rejects.toMatchObject(refused(/not whole in SES/));
		expect((await show(setup.id)).status).toBe(200);
		expect(identities.size).toBe(1);
		await api("DELETE", `/channels/ses-setup/${setup.id}`);
		await expect(run({ release: setup.id })).rejects.toMatchObject(refused(/is deleted/));
	});

	it("are taken in with the records that they ask for already", async () => {
		const { id, dnsRecords } = await makeAlone({ mailFrom: "bounce", isAdopted: false });
		await run({ adopt: id });
		expect((await show(id)).body.dns_records).toEqual(dnsRecords);
		expect((await api("DELETE", `/channels/ses-setup/${id}`)).status).toBe(204);
		expect(inSes()).toEqual({ tenants: [], identities: [] });
	});

	it("leave a domain as it was that SES had before them, when the service deletes them", async () => {
		const ses = sandbox.ses.region(defaultAccount.id, region);
		ses.createIdentity("alone.acme.com", [{ Key: "team", Value: "mail" }], Date.now());
		ses.setMailFrom("alone.acme.com", { domain: "a.b.alone.acme.com" }, Date.now());
		const before = inSes();
		const { id, dnsRecords } = await makeAlone({ mailFrom: null, isAdopted: true });
		await run({ adopt: id });
		expect((await show(id)).body.dns_records).toEqual(dnsRecords);
		expect((await api("DELETE", `/channels/ses-setup/${id}`)).status).toBe(204);
		expect(inSes()).toEqual(before);
	});
});
