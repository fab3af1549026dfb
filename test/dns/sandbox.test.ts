import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLookups, type DnsRecord, type Lookups } from "../../dns/index.js";
import { type Sandbox, startSandbox } from "../../sandbox/index.js";

const record = (domain: string): DnsRecord => ({ address: domain, type: "MX", record: "10 in.example" });

describe("look-ups in the sandbox's DNS", () => {
	let sandbox: Sandbox;
	let lookups: Lookups;

	beforeAll(async () => {
		sandbox = await startSandbox();
		lookups = createLookups({ servers: [sandbox.dns.authoritative], timeoutMs: 1_000 });
	});
	afterAll(() => sandbox.close());

	it("find the zone of a name, and its own name servers", async () => {
		const zone = sandbox.route53.createZone("acme.com");
		expect(await lookups.delegation("_dmarc.mail.acme.com")).toEqual({
			zone: "acme.com",
			nameServers: [...zone.nameServers].sort(),
		});
	});

	it("find the servers that the registrar has, not those of the zone at hand", async () => {
		sandbox.route53.createZone("moved.com");
		sandbox.dns.delegate("moved.com", ["ns1.elsewhere.net", "ns2.elsewhere.net"]);
		expect((await lookups.delegation("mail.moved.com"))?.nameServers ?? []).toEqual([
			"ns1.elsewhere.net",
			"ns2.elsewhere.net",
		]);
	});

	it("know no zone for a name that nobody registered", async () => {
		expect(await lookups.delegation("mail.nobody.net")).toBeUndefined();
		expect(await lookups.authoritative("mail.nobody.net")).toBeUndefined();
	});

	it("see a subdomain's zone once its parent delegates to it", async () => {
		sandbox.route53.createZone("parent.com");
		const child = sandbox.route53.createZone("mail.parent.com");
		expect((await lookups.delegation("mail.parent.com"))?.zone).toBe("parent.com");
		sandbox.dns.delegateInParent(child);
		expect(await lookups.delegation("mail.parent.com")).toEqual({
			zone: "mail.parent.com",
			nameServers: [...child.nameServers].sort(),
		});
	});

	it("see a record at every server only when every server has it", async () => {
		const zone = sandbox.route53.createZone("slow.com");
		const behind = await sandbox.dns.addServer({ name: "behind", lagMs: Number.POSITIVE_INFINITY });
		const both = createLookups({ servers: [sandbox.dns.authoritative, behind], timeoutMs: 1_000 });
		expect((await both.check(record("slow.com"))).state).toBe("missing");
		sandbox.route53.put(zone.id, { name: "slow.com", type: "MX", values: ["10 in.example"] });
		const checked = await both.check(record("slow.com"));
		expect(checked.state).toBe("partial");
		expect(checked.servers).toMatchObject([
			{ server: sandbox.dns.authoritative, state: "found" },
			{ server: behind, state: "missing" },
		]);
		expect((await lookups.check(record("slow.com"))).state).toBe("found");
	});
});
