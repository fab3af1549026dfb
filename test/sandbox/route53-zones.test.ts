import {
	ChangeResourceRecordSetsCommand,
	CreateHostedZoneCommand,
	DeleteHostedZoneCommand,
	GetChangeCommand,
	GetHostedZoneCommand,
	ListHostedZonesByNameCommand,
	ListHostedZonesCommand,
	ListResourceRecordSetsCommand,
	type ListResourceRecordSetsCommandInput,
	paginateListHostedZones,
} from "@aws-sdk/client-route-53";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Sandbox, sandboxAccount, startSandbox } from "../../sandbox/index.js";
import { route53Client } from "../support/aws.js";
import { ManualClock } from "../support/clock.js";

const other = sandboxAccount("111111111111");

let sandbox: Sandbox;
let clock: ManualClock;
let client: ReturnType<typeof route53Client>;
beforeEach(async () => {
	clock = new ManualClock();
	sandbox = await startSandbox({ clock, accounts: [other], route53: { insyncMs: 30_000 } });
	client = route53Client(sandbox);
});
afterEach(() => sandbox.close());

const create = (Name: string, CallerReference = Name) =>
	client.send(new CreateHostedZoneCommand({ Name, CallerReference }));

describe("a new hosted zone", () => {
	it("has four name servers, NS and SOA, and a lower-case name with a trailing dot", async () => {
		const { HostedZone, DelegationSet, Location } = await create("Mail.ACME.com");
		expect(HostedZone).toMatchObject({ Name: "mail.acme.com.", Config: { PrivateZone: false } });
		expect(Location).toContain(HostedZone?.Id?.replace("/", ""));
		expect(DelegationSet?.NameServers).toHaveLength(4);
		const { ResourceRecordSets } = await client.send(
			new ListResourceRecordSetsCommand({ HostedZoneId: HostedZone?.Id }),
		);
		expect(ResourceRecordSets).toMatchObject([
			{
				Name: "mail.acme.com.",
				Type: "NS",
				TTL: 172_800,
				ResourceRecords: DelegationSet?.NameServers?.map((host) => ({ Value: `${host}.` })),
			},
			{ Name: "mail.acme.com.", Type: "SOA", TTL: 900 },
		]);
		const again = await client.send(new GetHostedZoneCommand({ Id: HostedZone?.Id }));
		expect(again.DelegationSet).toEqual(DelegationSet);
		expect(again.HostedZone).toMatchObject({ ResourceRecordSetCount: 2 });
	});

	it("may have the name of another, with other name servers, but not its caller reference", async () => {
		const first = await create("acme.com", "1");
		const second = await create("acme.com", "2");
		expect(second.DelegationSet?.NameServers).not.toEqual(first.DelegationSet?.NameServers);
		await expect(create("acme.com", "2")).rejects.toMatchObject({
			name: "HostedZoneAlreadyExists",
			$metadata: { httpStatusCode: 409 },
		});
	});

	it("is private with a VPC, and then has no delegation", async () => {
		const VPC = { VPCId: "vpc-1", VPCRegion: "us-east-1" as const };
		const created = await client.send(
			new CreateHostedZoneCommand({
				Name: "acme.com",
				CallerReference: "1",
				VPC,
				HostedZoneConfig: { PrivateZone: true, Comment: "inside" },
			}),
		);
		const { HostedZone, DelegationSet, VPCs } = await client.send(
			new GetHostedZoneCommand({ Id: created.HostedZone?.Id }),
		);
		expect(HostedZone?.Config).toEqual({ PrivateZone: true, Comment: "inside" });
		expect(DelegationSet).toBeUndefined();
		expect(VPCs).toEqual([VPC]);
	});

	it.each(["a..b", "", "ä.com", `${"x".repeat(64)}.com`])("cannot be called %j", async (name) => {
		await expect(create(name, "1")).rejects.toMatchObject({
			name: expect.stringMatching(/InvalidDomainName|InvalidInput/),
			$metadata: { httpStatusCode: 400 },
		});
		expect(sandbox.route53.allZones()).toEqual([]);
	});
});

describe("deleting a hosted zone", () => {
	it("is refused while it holds more than its own NS and SOA", async () => {
		const zone = sandbox.route53.createZone("acme.com");
		sandbox.route53.put(zone.id, { name: "sub.acme.com", type: "NS", values: ["ns.other.test."] });
		const remove = () => client.send(new DeleteHostedZoneCommand({ Id: zone.id }));
		await expect(remove()).rejects.toMatchObject({ name: "HostedZoneNotEmpty" });
		sandbox.route53.remove(zone.id, "sub.acme.com", "NS");
		await remove();
		await expect(client.send(new GetHostedZoneCommand({ Id: zone.id }))).rejects.toMatchObject({
			name: "NoSuchHostedZone",
			message: `No hosted zone found with ID: ${zone.id}`,
			$metadata: { httpStatusCode: 404 },
		});
	});
});

describe("a hosted zone of another account", () => {
	it("is seen and changed by its own account alone", async () => {
		const zone = sandbox.route53.createZone("acme.com", { account: other.id });
		const Id = zone.id;
		const attempts = [
			client.send(new GetHostedZoneCommand({ Id })),
			client.send(new DeleteHostedZoneCommand({ Id })),
			client.send(new ListResourceRecordSetsCommand({ HostedZoneId: Id })),
			client.send(
				new ChangeResourceRecordSetsCommand({
					HostedZoneId: Id,
					ChangeBatch: {
						Changes: [
							{
								Action: "CREATE",
								ResourceRecordSet: {
									Name: "acme.com",
									Type: "A",
									TTL: 1,
									ResourceRecords: [{ Value: "192.0.2.1" }],
								},
							},
						],
					},
				}),
			),
		];
		for (const attempt of attempts) await expect(attempt).rejects.toMatchObject({ name: "AccessDenied" });
		expect((await client.send(new ListHostedZonesCommand({}))).HostedZones).toEqual([]);
		const owner = route53Client(sandbox, other);
		expect((await owner.send(new GetHostedZoneCommand({ Id }))).HostedZone?.Name).toBe("acme.com.");
	});
});

describe("listing zones by name", () => {
	// In the order of names read from the right: parents before children, and "-" before ".".
	const inOrder = ["acme-x.com.", "acme.com.", "a.acme.com.", "z.a.acme.com.", "b.acme.com.", "acme.net."];

	const listByName = (input: { DNSName?: string; HostedZoneId?: string; MaxItems?: number }) =>
		client.send(new ListHostedZonesByNameCommand(input));
	const names = (zones: { Name?: string | undefined }[] | undefined) => zones?.map(({ Name }) => Name);

	beforeEach(() => {
		for (const name of [...inOrder].reverse()) sandbox.route53.createZone(name);
	});

	it("sorts by reversed labels", async () => {
		expect(names((await listByName({})).HostedZones)).toEqual(inOrder);
	});

	it("begins with the name given, which need not exist", async () => {
		expect(names((await listByName({ DNSName: "A.acme.com" })).HostedZones)).toEqual(inOrder.slice(2));
		expect(names((await listByName({ DNSName: "aa.acme.com" })).HostedZones)).toEqual(inOrder.slice(4));
		expect(names((await listByName({ DNSName: "zzz.net" })).HostedZones)).toEqual([]);
	});

	it("pages by name and id through zones of one name", async () => {
		for (let copy = 0; copy < 4; copy += 1) sandbox.route53.createZone("a.acme.com");
		const seen: string[] = [];
		let next: { DNSName?: string; HostedZoneId?: string } = {};
		for (;;) {
			const page = await listByName({ ...next, MaxItems: 2 });
			seen.push(...(page.HostedZones ?? []).map(({ Id = "" }) => Id));
			if (!page.IsTruncated) break;
			next = { DNSName: page.NextDNSName ?? "", HostedZoneId: page.NextHostedZoneId ?? "" };
		}
		expect(seen).toHaveLength(10);
		expect(new Set(seen).size).toBe(10);
	});

	it("gives at most 100 zones a page", async () => {
		for (let count = 0; count < 100; count += 1) sandbox.route53.createZone(`n${count}.example`);
		const page = await listByName({ MaxItems: 300 });
		expect(page).toMatchObject({ IsTruncated: true, MaxItems: 100 });
		expect(page.HostedZones).toHaveLength(100);
	});

	it("wants a name beside a zone's id", async () => {
		await expect(listByName({ HostedZoneId: "Z1" })).rejects.toMatchObject({ name: "InvalidInput" });
	});
});

describe("listing zones", () => {
	it("pages by marker", async () => {
		for (let count = 0; count < 7; count += 1) sandbox.route53.createZone(`n${count}.example`);
		const names: (string | undefined)[] = [];
		for await (const page of paginateListHostedZones({ client, pageSize: 3 }, {})) {
			names.push(...(page.HostedZones ?? []).map(({ Name }) => Name));
		}
		expect(names).toEqual(Array.from({ length: 7 }, (_, count) => `n${count}.example.`));
		await expect(client.send(new ListHostedZonesCommand({ Marker: "ZNONE" }))).rejects.toMatchObject({
			name: "InvalidInput",
		});
	});
});

describe("listing record sets", () => {
	let zoneId: string;
	beforeEach(() => {
		zoneId = sandbox.route53.createZone("acme.com").id;
		for (const name of ["b.acme.com", "*.b.acme.com", "a-b.acme.com", "a.b.acme.com"]) {
			sandbox.route53.put(zoneId, { name, type: "TXT", values: ['"x"'] });
			sandbox.route53.put(zoneId, { name, type: "A", values: ["192.0.2.1"] });
		}
		for (const SetIdentifier of ["two", "one"]) {
			sandbox.route53.put(zoneId, {
				Name: "w.acme.com",
				Type: "A",
				SetIdentifier,
				Weight: 1,
				TTL: 60,
				ResourceRecords: [{ Value: "192.0.2.1" }],
			});
		}
	});

	const inOrder = [
		"acme.com. NS",
		"acme.com. SOA",
		"a-b.acme.com. A",
		"a-b.acme.com. TXT",
		"b.acme.com. A",
		"b.acme.com. TXT",
		"\\052.b.acme.com. A",
		"\\052.b.acme.com. TXT",
		"a.b.acme.com. A",
		"a.b.acme.com. TXT",
		"w.acme.com. A one",
		"w.acme.com. A two",
	];

	it.each([1, 2, 5, 300])(
		"pages of %i give each set once, by reversed name, type and identifier",
		async (size) => {
			const seen: string[] = [];
			let start: Partial<ListResourceRecordSetsCommandInput> = {};
			for (;;) {
				const page = await client.send(
					new ListResourceRecordSetsCommand({ HostedZoneId: zoneId, MaxItems: size, ...start }),
				);
				for (const set of page.ResourceRecordSets ?? []) {
					seen.push([set.Name, set.Type, ...(set.SetIdentifier ? [set.SetIdentifier] : [])].join(" "));
				}
				expect(page.ResourceRecordSets?.length).toBeLessThanOrEqual(size);
				if (!page.IsTruncated) break;
				start = {
					StartRecordName: page.NextRecordName,
					StartRecordType: page.NextRecordType,
					StartRecordIdentifier: page.NextRecordIdentifier,
				};
			}
			expect(seen).toEqual(inOrder);
		},
	);

	it.each([
		[{ StartRecordName: "b.ACME.com" }, 4],
		[{ StartRecordName: "b.acme.com.", StartRecordType: "TXT" as const }, 5],
		[{ StartRecordName: "*.b.acme.com" }, 6],
		[{ StartRecordName: "w.acme.com", StartRecordType: "A" as const, StartRecordIdentifier: "pair" }, 11],
	])("begins at %j", async (start, index) => {
		const { ResourceRecordSets } = await client.send(
			new ListResourceRecordSetsCommand({ HostedZoneId: zoneId, ...start }),
		);
		expect(ResourceRecordSets).toHaveLength(inOrder.length - index);
	});

	it("refuses a type to begin with that has no name", async () => {
		await expect(
			client.send(new ListResourceRecordSetsCommand({ HostedZoneId: zoneId, StartRecordType: "A" })),
		).rejects.toMatchObject({ name: "InvalidInput" });
	});
});

describe("a change", () => {
	it("is PENDING until it is INSYNC", async () => {
		const { ChangeInfo } = await create("acme.com");
		const status = async () =>
			(await client.send(new GetChangeCommand({ Id: ChangeInfo?.Id }))).ChangeInfo?.Status;
		expect(await status()).toBe("PENDING");
		clock.advance(29_999);
		expect(await status()).toBe("PENDING");
		clock.advance(1);
		expect(await status()).toBe("INSYNC");
	});

	it("is unknown under another id, and another account's business elsewhere", async () => {
		await expect(client.send(new GetChangeCommand({ Id: "CNONE" }))).rejects.toMatchObject({
			name: "NoSuchChange",
		});
		const { ChangeInfo } = await create("acme.com");
		await expect(
			route53Client(sandbox, other).send(new GetChangeCommand({ Id: ChangeInfo?.Id })),
		).rejects.toMatchObject({ name: "AccessDenied" });
	});
});
