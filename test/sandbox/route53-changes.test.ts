import {
	type Change,
	ChangeResourceRecordSetsCommand,
	type ResourceRecordSet,
} from "@aws-sdk/client-route-53";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/index.js";
import { route53Client } from "../support/aws.js";

let sandbox: Sandbox;
let zoneId: string;
beforeEach(async () => {
	sandbox = await startSandbox();
	zoneId = sandbox.route53.createZone("acme.com").id;
});
afterEach(() => sandbox.close());

const send = (...changes: Change[]) =>
	route53Client(sandbox).send(
		new ChangeResourceRecordSetsCommand({ HostedZoneId: zoneId, ChangeBatch: { Changes: changes } }),
	);
const set = (
	name: string,
	type: ResourceRecordSet["Type"],
	values: string[],
	more: Partial<ResourceRecordSet> = {},
): ResourceRecordSet => ({
	Name: name,
	Type: type,
	TTL: 300,
	ResourceRecords: values.map((Value) => ({ Value })),
	...more,
});
const change = (Action: Change["Action"], ResourceRecordSet: ResourceRecordSet): Change => ({
	Action,
	ResourceRecordSet,
});
const records = () => sandbox.route53.records(zoneId).filter(({ Type }) => Type !== "NS" && Type !== "SOA");

const txt = set("t.acme.com", "TXT", ['"one"', '"two"']);
const cname = set("c.acme.com", "CNAME", ["target.test"]);

describe("a change batch", () => {
	it("creates, replaces and deletes, with names in any spelling", async () => {
		await send(change("CREATE", txt), change("CREATE", cname));
		await send(
			change("UPSERT", set("T.Acme.COM.", "TXT", ['"three"'], { TTL: 60 })),
			change("DELETE", set("\\103.acme.com", "CNAME", ["target.test"])),
		);
		expect(records()).toEqual([
			{ Name: "t.acme.com.", Type: "TXT", TTL: 60, ResourceRecords: [{ Value: '"three"' }] },
		]);
	});

	it("replaces a set by DELETE and CREATE only if it still is what was read", async () => {
		await send(change("CREATE", txt));
		const swap = (read: ResourceRecordSet) =>
			send(change("DELETE", read), change("CREATE", { ...txt, ResourceRecords: [{ Value: '"new"' }] }));
		await expect(swap({ ...txt, TTL: 60 })).rejects.toMatchObject({
			message: expect.stringContaining("but the values provided do not match the current values"),
		});
		expect(records()).toMatchObject([{ ResourceRecords: txt.ResourceRecords }]);
		await swap({ ...txt, ResourceRecords: [...(txt.ResourceRecords ?? [])].reverse() });
		expect(records()).toMatchObject([{ ResourceRecords: [{ Value: '"new"' }] }]);
	});

	it("stores values as they are written", async () => {
		const values = ['"Case  kept" "\\"quoted\\""', '"joined""strings"', '"octal \\344"'];
		await send(change("CREATE", set("t.acme.com", "TXT", values)));
		expect(records()[0]?.ResourceRecords?.map(({ Value }) => Value)).toEqual(values);
	});

	it("moves a name from a CNAME to another type in one go", async () => {
		await send(change("CREATE", cname));
		await send(change("DELETE", cname), change("CREATE", set("c.acme.com", "A", ["192.0.2.1"])));
		expect(records()).toMatchObject([{ Type: "A" }]);
	});

	it("is logged as it was sent, refused or not", async () => {
		await send(change("CREATE", cname));
		await expect(send(change("CREATE", { ...cname, TTL: -1 }))).rejects.toThrow();
		const log = sandbox.log.all({ operation: "ChangeResourceRecordSets" });
		expect(log).toMatchObject([
			{
				service: "route53",
				account: "000000000000",
				status: 200,
				input: {
					HostedZoneId: zoneId,
					ChangeBatch: { Changes: [{ Action: "CREATE", ResourceRecordSet: { Type: "CNAME", TTL: 300 } }] },
				},
			},
			{ status: 400, error: "InvalidInput", input: { HostedZoneId: zoneId } },
		]);
	});

	it("names every change that is refused, and makes none", async () => {
		const failed = send(
			change("CREATE", txt),
			change("DELETE", cname),
			change("CREATE", set("acme.com", "CNAME", ["target.test"])),
		);
		await expect(failed).rejects.toMatchObject({
			name: "InvalidChangeBatch",
			message:
				"[Tried to delete resource record set [name='c.acme.com.', type='CNAME'] but it was not found, " +
				"RRSet of type CNAME with DNS name acme.com. is not permitted at apex in zone acme.com.]",
			$metadata: { httpStatusCode: 400 },
		});
		expect(records()).toEqual([]);
	});
});

const weighted = (SetIdentifier: string, name = "w.acme.com") =>
	set(name, "A", ["192.0.2.1"], { SetIdentifier, Weight: 1 });

describe("refused with InvalidChangeBatch", () => {
	beforeEach(async () => {
		await send(change("CREATE", txt), change("CREATE", cname), change("CREATE", weighted("a")));
	});

	const cases: [string, Change[], string][] = [
		[
			"CREATE of what exists",
			[change("CREATE", txt)],
			"Tried to create resource record set [name='t.acme.com.', type='TXT'] but it already exists",
		],
		[
			"CREATE of a weighted set that exists",
			[change("CREATE", weighted("a"))],
			"Tried to create resource record set [name='w.acme.com.', type='A', set identifier='a'] but it already exists",
		],
		[
			"DELETE of what does not exist",
			[change("DELETE", set("t.acme.com", "A", ["192.0.2.1"]))],
			"Tried to delete resource record set [name='t.acme.com.', type='A'] but it was not found",
		],
		[
			"DELETE with other values",
			[change("DELETE", set("t.acme.com", "TXT", ['"one"']))],
			"Tried to delete resource record set [name='t.acme.com.', type='TXT'] but the values provided do not match the current values",
		],
		[
			"DELETE with another weight",
			[change("DELETE", { ...weighted("a"), Weight: 2 })],
			"but the values provided do not match the current values",
		],
		[
			"a CNAME beside other records",
			[change("CREATE", set("t.acme.com", "CNAME", ["x.test"]))],
			"RRSet of type CNAME with DNS name t.acme.com. is not permitted as it conflicts with other records with the same DNS name in zone acme.com.",
		],
		[
			"other records beside a CNAME",
			[change("UPSERT", set("c.acme.com", "TXT", ['"x"']))],
			"RRSet of type TXT with DNS name c.acme.com. is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone acme.com.",
		],
		[
			"two that conflict within one batch",
			[
				change("CREATE", set("n.acme.com", "CNAME", ["x.test"])),
				change("CREATE", set("n.acme.com", "A", ["192.0.2.1"])),
			],
			"a conflicting RRSet of type CNAME",
		],
		[
			"a CNAME at the apex",
			[change("CREATE", set("acme.com", "CNAME", ["x.test"]))],
			"is not permitted at apex in zone acme.com.",
		],
		[
			"a CNAME with two values",
			[change("CREATE", set("n.acme.com", "CNAME", ["x.test", "y.test"]))],
			"contains more than one resource record",
		],
		[
			"a name outside the zone",
			[change("CREATE", set("notacme.com", "A", ["192.0.2.1"]))],
			"RRSet with DNS name notacme.com. is not permitted in zone acme.com.",
		],
		[
			"a simple set where a weighted one is",
			[change("UPSERT", set("w.acme.com", "A", ["192.0.2.2"]))],
			"RRSet with DNS name w.acme.com., type A cannot be created as other RRSets exist with the same name and type.",
		],
		[
			"a weighted set where a simple one is",
			[change("CREATE", set("t.acme.com", "TXT", ['"x"'], { SetIdentifier: "a", Weight: 1 }))],
			"because a non-weighted RRSet exists with the same name and type",
		],
		[
			"two changes of one set",
			[
				change("CREATE", set("n.acme.com", "A", ["192.0.2.1"])),
				change("UPSERT", set("N.acme.com", "A", ["192.0.2.2"])),
			],
			"The request contains an invalid set of changes for a resource record set 'A n.acme.com.'",
		],
		[
			"a value given twice",
			[change("CREATE", set("n.acme.com", "A", ["192.0.2.1", "192.0.2.1"]))],
			"Duplicate Resource Record: '192.0.2.1'",
		],
		[
			"more than 400 values in a set",
			[
				change(
					"CREATE",
					set(
						"n.acme.com",
						"TXT",
						Array.from({ length: 401 }, (_, index) => `"${index}"`),
					),
				),
			],
			"Cannot have more than 400 records in a RRSet.",
		],
		[
			"an alias to nothing in its own zone",
			[
				{
					Action: "CREATE",
					ResourceRecordSet: {
						Name: "n.acme.com",
						Type: "A",
						AliasTarget: { HostedZoneId: "", DNSName: "none.acme.com", EvaluateTargetHealth: false },
					},
				},
			],
			"but that target was not found",
		],
	];

	it.each(cases)("%s", async (_, changes, message) => {
		const before = sandbox.route53.snapshot(zoneId);
		const own = changes.map(({ Action, ResourceRecordSet }) =>
			change(Action, {
				...(ResourceRecordSet as ResourceRecordSet),
				...(ResourceRecordSet?.AliasTarget && {
					AliasTarget: { ...ResourceRecordSet.AliasTarget, HostedZoneId: zoneId },
				}),
			}),
		);
		await expect(send(...own)).rejects.toMatchObject({
			name: "InvalidChangeBatch",
			message: expect.stringContaining(message),
		});
		expect(sandbox.route53.snapshot(zoneId)).toBe(before);
	});

	it.each(["NS", "SOA"] as const)("DELETE of the zone's own %s", async (type) => {
		const own = sandbox.route53.records(zoneId).filter(({ Type }) => Type === type);
		const deletes = own.map(({ Name, TTL, ResourceRecords }) =>
			change("DELETE", { Name, Type: type, TTL, ResourceRecords: [...(ResourceRecords ?? [])] }),
		);
		await expect(send(...deletes)).rejects.toMatchObject({
			message: expect.stringMatching(/A HostedZone must contain (at least one NS|exactly one SOA) record/),
		});
	});
});

describe("limits of one batch", () => {
	const sets = (count: number, valuesEach: number, length = 1) =>
		Array.from({ length: count }, (_, index) =>
			set(
				`n${index}.acme.com`,
				"TXT",
				Array.from({ length: valuesEach }, (_, value) => `"${String(value).padStart(length, "v")}"`),
			),
		);
	const batch = (action: Change["Action"], all: ResourceRecordSet[]) =>
		all.map((each) => change(action, each));

	it("1,000 records pass, 1,001 do not; an UPSERT counts twice", async () => {
		await send(...batch("CREATE", sets(10, 100, 4)));
		await expect(send(...batch("CREATE", sets(11, 91)))).rejects.toMatchObject({
			message: "[Number of records limit of 1000 exceeded.]",
		});
		await send(...batch("UPSERT", sets(10, 50)));
		await expect(send(...batch("UPSERT", sets(3, 167)))).rejects.toMatchObject({
			message: "[Number of records limit of 1000 exceeded.]",
		});
	});

	it("32,000 characters of values pass, more do not; an UPSERT counts twice", async () => {
		await send(...batch("CREATE", sets(160, 1, 198)));
		await expect(send(...batch("UPSERT", sets(81, 1, 198)))).rejects.toMatchObject({
			message: "[Number of characters limit of 32000 exceeded.]",
		});
		await send(...batch("UPSERT", sets(80, 1, 198)));
	});
});

describe("values", () => {
	const longString = `"${"x".repeat(255)}"`;
	const refused: [ResourceRecordSet["Type"], string, string][] = [
		["TXT", "v=spf1 -all", "InvalidCharacterString (Value should be enclosed in quotation marks)"],
		["TXT", '"open', "InvalidCharacterString"],
		["TXT", '"a" b', "InvalidCharacterString"],
		["TXT", `"${"x".repeat(256)}"`, "CharacterStringTooLong (Value is too long)"],
		["TXT", Array(16).fill(longString).join(" "), "CharacterStringTooLong"],
		["TXT", '"ä"', "UnsupportedCharacter"],
		["A", "1.2.3", "ARRDATAIllegalIPv4Address"],
		["AAAA", "1.2.3.4", "AAAARRDATAIllegalIPv6Address"],
		["MX", "mail.test", "MXRRDATAWrongNumberOfFields"],
		["MX", "70000 mail.test", "InvalidInteger"],
		["CNAME", "a..b", "DomainLabelEmpty"],
		["CNAME", `${"x".repeat(64)}.test`, "DomainLabelTooLong"],
		["CNAME", Array(64).fill("abc").join("."), "DomainNameTooLong"],
		["SRV", "1 2 host.test", "SRVRRDATAWrongNumberOfFields"],
		["CAA", "0 issue letsencrypt.org", "InvalidCharacterString"],
		["DS", "1 2 3 xyz", "InvalidHexString"],
	];
	it.each(refused)("%s %s is refused", async (type, value, problem) => {
		await expect(send(change("CREATE", set("n.acme.com", type, [value])))).rejects.toMatchObject({
			name: "InvalidChangeBatch",
			message: expect.stringContaining(`Invalid Resource Record: 'FATAL problem: ${problem}`),
		});
	});

	it.each<[ResourceRecordSet["Type"], string]>([
		["TXT", Array(15).fill(longString).join("")],
		["TXT", '"a\\"b" "\\\\"'],
		["TXT", '""'],
		["MX", "0 ."],
		["MX", "10 Mail.Test."],
		["SRV", "1 2 443 host.test"],
		["CAA", '0 issue "letsencrypt.org"'],
		["NAPTR", '100 50 "s" "z3950+I2L+N2C" "" _z3950._tcp.example.test'],
		["DS", "12345 3 1 49fd46e6c4b45c55d4ac"],
		["SSHFP", "2 1 123456789abcdef67890123456789abcdef67890"],
		["TLSA", "3 1 1 d2abde240d7cd3ee6b4b28c54df034b9"],
		["HTTPS", "1 svc.test alpn=h2"],
		["SPF", '"v=spf1 -all"'],
		["PTR", "\\052.host.test"],
	])("%s %s is taken", async (type, value) => {
		await send(change("CREATE", set("n.acme.com", type, [value])));
		expect(records()).toMatchObject([{ ResourceRecords: [{ Value: value }] }]);
	});
});

describe("refused with InvalidInput", () => {
	const a = set("n.acme.com", "A", ["192.0.2.1"]);
	const { TTL: _, ...withoutTtl } = a;
	it.each<[string, Change]>([
		["no TTL", change("CREATE", withoutTtl)],
		["a TTL below zero", change("CREATE", { ...a, TTL: -1 })],
		["a TTL above 2147483647", change("CREATE", { ...a, TTL: 2_147_483_648 })],
		["no values", change("CREATE", { ...a, ResourceRecords: [] })],
		["a weight without identifier", change("CREATE", { ...a, Weight: 1 })],
		["an identifier without policy", change("CREATE", { ...a, SetIdentifier: "x" })],
		["a weight above 255", change("CREATE", { ...a, SetIdentifier: "x", Weight: 256 })],
		["two policies", change("CREATE", { ...a, SetIdentifier: "x", Weight: 1, MultiValueAnswer: true })],
		["an unknown type", change("CREATE", { ...a, Type: "URI" as "A" })],
		["an unknown action", change("REPLACE" as "CREATE", a)],
		[
			"an alias with values of its own",
			change("CREATE", {
				...a,
				AliasTarget: { HostedZoneId: "Z1", DNSName: "x.test", EvaluateTargetHealth: false },
			}),
		],
	])("%s", async (_, each) => {
		await expect(send(each)).rejects.toMatchObject({
			name: "InvalidInput",
			$metadata: { httpStatusCode: 400 },
		});
		expect(records()).toEqual([]);
	});

	it("a body that is no XML", async () => {
		const { AWS_ENDPOINT_URL_ROUTE_53: url, AWS_ACCESS_KEY_ID: key } = sandbox.env();
		const response = await fetch(`${url}/2013-04-01/hostedzone/${zoneId}/rrset/`, {
			method: "POST",
			headers: {
				authorization: `AWS4-HMAC-SHA256 Credential=${key}/20260101/us-east-1/route53/aws4_request, SignedHeaders=host, Signature=0`,
			},
			body: "<ChangeResourceRecordSetsRequest><ChangeBatch>",
		});
		expect(response.status).toBe(400);
		expect(await response.text()).toContain("<Code>MalformedInput</Code>");
	});
});

describe("changes that come too fast", () => {
	const batch = (name: string) => change("CREATE", set(name, "A", ["192.0.2.1"]));

	it("are refused while another of the zone is worked on, and not in other zones", async () => {
		sandbox.route53.timing.changeMs = 1_000;
		const first = send(batch("a.acme.com"));
		await sandbox.log.until((log) => log.count() === 1);
		await expect(send(batch("b.acme.com"))).rejects.toMatchObject({
			name: "PriorRequestNotComplete",
			$metadata: { httpStatusCode: 400 },
		});
		await first;
		sandbox.route53.timing.changeMs = 0;
		await send(batch("b.acme.com"));
		expect(records()).toHaveLength(2);
	});

	it("are refused beyond the account's requests a second", async () => {
		const strict = await startSandbox({ route53: { requestsPerSecond: 5 } });
		try {
			const { id } = strict.route53.createZone("acme.com");
			const attempts = Array.from({ length: 8 }, (_, index) =>
				route53Client(strict)
					.send(
						new ChangeResourceRecordSetsCommand({
							HostedZoneId: id,
							ChangeBatch: { Changes: [batch(`n${index}.acme.com`)] },
						}),
					)
					.then(
						() => "ok",
						(error: Error) => `${error.name}: ${error.message}`,
					),
			);
			const outcomes = await Promise.all(attempts);
			expect(outcomes.filter((outcome) => outcome === "ok")).toHaveLength(5);
			expect(outcomes.filter((outcome) => outcome === "Throttling: Rate exceeded")).toHaveLength(3);
		} finally {
			await strict.close();
		}
	});
});
