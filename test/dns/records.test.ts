import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
	competing,
	type DnsRecord,
	isDmarc,
	isNullMx,
	parseMx,
	sameRecordSet,
	sameText,
	sameValue,
	toRecordSets,
} from "../../dns/index.js";

const records: DnsRecord[] = [
	{ address: "t1._domainkey.mail.example.com", type: "CNAME", record: "t1.dkim.amazonses.com" },
	{ address: "t2._domainkey.mail.example.com", type: "CNAME", record: "T2.dkim.amazonses.com." },
	{ address: "Mail.example.com", type: "MX", record: "10 inbound-smtp.eu-west-1.amazonaws.com" },
	{ address: "_dmarc.mail.example.com", type: "TXT", record: "v=DMARC1; p=none" },
];

describe("toRecordSets", () => {
	it("groups by name and type, in canonical spelling and presentation form", () => {
		expect(toRecordSets(records, 300)).toEqual([
			{ name: "_dmarc.mail.example.com", type: "TXT", ttl: 300, values: ['"v=DMARC1; p=none"'] },
			{
				name: "mail.example.com",
				type: "MX",
				ttl: 300,
				values: ["10 inbound-smtp.eu-west-1.amazonaws.com"],
			},
			{
				name: "t1._domainkey.mail.example.com",
				type: "CNAME",
				ttl: 300,
				values: ["t1.dkim.amazonses.com"],
			},
			{
				name: "t2._domainkey.mail.example.com",
				type: "CNAME",
				ttl: 300,
				values: ["t2.dkim.amazonses.com"],
			},
		]);
	});

	it("gives the same sets whatever order and repetition the records come in", () => {
		const shuffled = fc.shuffledSubarray([...records, ...records], { minLength: records.length * 2 });
		fc.assert(
			fc.property(shuffled, (order) => {
				expect(toRecordSets(order, 60)).toEqual(toRecordSets(records, 60));
			}),
		);
	});

	it("keeps a null MX and several values of one name", () => {
		const [set] = toRecordSets(
			[
				{ address: "a.example", type: "MX", record: "0 ." },
				{ address: "a.example", type: "MX", record: "10 B.example." },
			],
			60,
		);
		expect(set?.values).toEqual(["0 .", "10 b.example"]);
	});
});

describe("sameValue", () => {
	it.each([
		["CNAME", "Target.example.", "target.example", true],
		["CNAME", "target.example", "other.example", false],
		["MX", "10 Mx.example.", "10  mx.example", true],
		["MX", "10 mx.example", "20 mx.example", false],
		["MX", "010 mx.example", "10 mx.example", true],
		["MX", "no mx", "no mx", true],
		["TXT", '"a""b"', '"ab"', true],
		["TXT", '"ab"', '"aB"', false],
		["TXT", '"v=DMARC1; p=none;"', '"v=DMARC1;" "p=none"', true],
		["TXT", '"v=DMARC1; p=none"', '"v=DMARC1; p=reject"', false],
		["SPF", '"v=DMARC1; p=none"', '"v=DMARC1;p=none"', false],
		["A", "192.0.2.1", "192.0.2.1", true],
		["CAA", '0 issue "A.example"', '0 issue "a.example"', false],
	])("%s %s against %s: %s", (type, a, b, same) => {
		expect(sameValue(type, a, b)).toBe(same);
		expect(sameValue(type, b, a)).toBe(same);
	});
});

describe("mail texts", () => {
	it.each([
		["v=DMARC1; p=none", true],
		["v = DMARC1 ;p=none", true],
		[" v=DMARC1; p=none", true],
		["\tv\t=\tDMARC1;p=none", true],
		["V=DMARC1; p=none", true],
		["v=dmarc1; p=none", true],
		["v=DMARC1", true],
		["v=DMARC1 p=none", true],
		["v=DMARC1\\; p=none", true],
		["v=DMARC10; p=none", false],
		["v=DMARC1a; p=none", false],
		["p=none; v=DMARC1", false],
		["a v=DMARC1; p=none", false],
		["v=spf1 -all", false],
		["", false],
	])("knows what receivers may read as a DMARC policy: %j: %s", (text, expected) => {
		expect(isDmarc(text)).toBe(expected);
	});

	it.each([
		["v=DMARC1; p=none;", "v=DMARC1;p=none", true],
		["v = DMARC1 ; P = None ; sp=REJECT", "v=DMARC1; p=none; sp=reject", true],
		["v=DMARC1; p=none; rua=mailto:a@x.example", "v=DMARC1; rua=mailto:a@x.example; p=none", true],
		["v=DMARC1; p=none; rua=mailto:A@x.example", "v=DMARC1; p=none; rua=mailto:a@x.example", false],
		["v=DMARC1; p=none; later=1", "v=DMARC1; p=none", false],
		["v=DMARC1; p=none; p=reject", "v=DMARC1; p=reject; p=none", false],
		["v=DMARC1; p=none", "v=DMARC1; p=quarantine", false],
		["hello; p=none", "hello;p=none", false],
		["V=DMARC1;p=none", "v=DMARC1; p=none", true],
		["v=DMARC1;;p=none ; ", "v=DMARC1; p=none", true],
		["v=DMARC1; p=none; np=REJECT", "v=DMARC1; np=reject; p=none", true],
		["v=DMARC1; p=none; rf=AFRF; fo=1 : d", "v=DMARC1; p=none; fo=1:D; rf=afrf", true],
		[
			"v=DMARC1; p=none; rua=mailto:a@x.example , mailto:b@x.example",
			"v=DMARC1; p=none; rua=mailto:a@x.example,mailto:b@x.example",
			true,
		],
		["v=dmarc1; p=none", "v=DMARC1; p=none", false],
		[" v=DMARC1; p=none", "v=DMARC1; p=none", false],
		["v=DMARC1 p=none", "v=DMARC1; p=none", false],
	])("compares DMARC policies by their tags: %s against %s: %s", (a, b, same) => {
		expect(sameText("TXT", a, b)).toBe(same);
		expect(sameText("TXT", b, a)).toBe(same);
	});

	it("takes a policy with the same tags for no competitor", () => {
		const want = { name: "_dmarc.a.example", type: "TXT", values: ['"v=DMARC1; p=none"'] };
		expect(competing(want, ['"v=DMARC1;p=none;"', '"hello"'])).toEqual([]);
		expect(competing(want, ['"v=DMARC1;p=reject"'])).toEqual(['"v=DMARC1;p=reject"']);
		const spelled = ['" v = DMARC1 ;p=none"', '"v=dmarc1; p=none"', '"v=DMARC1 p=none"'];
		expect(competing(want, [...spelled, '"V=DMARC1; p=none"'])).toEqual(spelled);
	});

	it("recognises the null MX", () => {
		expect(isNullMx("0 .")).toBe(true);
		expect(isNullMx("10 mx.example")).toBe(false);
		expect(parseMx("10 Mx.Example.")).toEqual({ priority: 10, host: "mx.example" });
		expect(parseMx("mx.example")).toBeUndefined();
	});

	it("compares record sets without regard to spelling and order", () => {
		const set = { name: "a.example", type: "MX", ttl: 60, values: ["10 b.example", "20 c.example"] };
		expect(
			sameRecordSet(set, { ...set, name: "A.example.", values: ["20 C.example.", "10 b.example."] }),
		).toBe(true);
		expect(sameRecordSet(set, { ...set, ttl: 61 })).toBe(false);
		expect(sameRecordSet(set, { ...set, values: ["10 b.example"] })).toBe(false);
		expect(sameRecordSet(set, { ...set, setIdentifier: "one" })).toBe(false);
	});
});
