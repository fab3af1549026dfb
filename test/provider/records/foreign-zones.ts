import fc from "fast-check";
import { formatTxt } from "../../../dns/index.js";
import type { ConflictPolicies } from "../../../provider/core/inputs.js";
import type { ResourceRecordSet } from "../../../sandbox/index.js";

/** Record sets of somebody else, around the places where a mail setup for `domain` publishes. */
export function foreignSets(domain: string, zone: string): fc.Arbitrary<ResourceRecordSet[]> {
	const atDomain = fc.oneof(
		{ weight: 3, arbitrary: fc.tuple(mx(domain), other(domain)).map(([some, more]) => [...some, ...more]) },
		// Beside a CNAME nothing stands, and none stands at the apex.
		{
			weight: 1,
			arbitrary: domain === zone ? fc.constant([]) : fc.constant([set(domain, "CNAME", [`WWW.${zone}.`])]),
		},
	);
	return fc
		.tuple(atDomain, dmarc(`_dmarc.${domain}`), selectors(`_domainkey.${domain}`), elsewhere(zone))
		.map((parts) => parts.flat());
}

/** What `onConflict` may say. */
export const policies: fc.Arbitrary<ConflictPolicies> = fc.record({
	dmarc: fc.constantFrom("error", "keep", "overwrite"),
	mx: fc.constantFrom("error", "keep", "overwrite"),
	mailFrom: fc.constantFrom("error", "keep", "overwrite"),
	spf: fc.constantFrom("error", "keep", "overwrite"),
	other: fc.constantFrom("error", "keep", "overwrite"),
});

/** The same, without a refusal. */
export const lenientPolicies: fc.Arbitrary<ConflictPolicies> = fc.record({
	dmarc: fc.constantFrom("keep", "overwrite"),
	mx: fc.constantFrom("keep", "overwrite"),
	mailFrom: fc.constantFrom("keep", "overwrite"),
	spf: fc.constantFrom("keep", "overwrite"),
	other: fc.constant("overwrite"),
});

const ttl = fc.constantFrom(0, 60, 300, 172_800);

function set(
	Name: string,
	Type: ResourceRecordSet["Type"],
	values: readonly string[],
	more: Partial<ResourceRecordSet> = { TTL: 60 },
): ResourceRecordSet {
	return { Name, Type, ResourceRecords: values.map((Value) => ({ Value })), ...more };
}

/** A value of TXT in one of the spellings that Route 53 takes: split anywhere, with or without a space between. */
export const txtValue: fc.Arbitrary<string> = fc
	.tuple(
		fc.oneof(
			fc.string({ maxLength: 40 }),
			fc.string({ maxLength: 20, unit: "grapheme" }),
			fc.string({ minLength: 250, maxLength: 600 }),
		),
		fc.constantFrom("plain", "split", "adjacent"),
	)
	.map(([text, spelling]) => {
		const value = formatTxt(text);
		if (spelling === "plain") return value;
		const more = formatTxt("tail");
		return spelling === "split" ? `${value} ${more}` : `${value}${more}`;
	})
	.filter((value) => value.length <= 4000);

const texts = fc.uniqueArray(txtValue, { minLength: 1, maxLength: 3 });

const otherPolicy = fc.constantFrom(
	'"v=DMARC1; p=reject; rua=mailto:Dmarc@Acme.TEST"',
	'"v=DMARC1;" "p=quarantine"',
	'"v = DMARC1 ; p=none"',
);

function mx(name: string): fc.Arbitrary<ResourceRecordSet[]> {
	return fc.oneof(
		fc.constant<ResourceRecordSet[]>([]),
		fc
			.tuple(fc.subarray(["10 MX1.acme.test.", "20 mx2.acme.test"], { minLength: 1 }), ttl)
			.map(([values, TTL]) => [set(name, "MX", values, { TTL })]),
		// The very value that is to come, in other spellings, and not alone.
		fc
			.tuple(
				fc.constantFrom(
					"10 inbound-smtp.us-east-1.amazonaws.com",
					"10 Inbound-SMTP.us-east-1.amazonaws.com.",
				),
				fc.boolean(),
				ttl,
			)
			.map(([value, alone, TTL]) => [set(name, "MX", alone ? [value] : [value, "10 mx.acme.test"], { TTL })]),
		fc.constant<ResourceRecordSet[]>([
			set(name, "MX", ["10 a.acme.test"], { TTL: 60, SetIdentifier: "a", Weight: 1 }),
			set(name, "MX", ["10 b.acme.test"], { TTL: 60, SetIdentifier: "b", Weight: 0 }),
		]),
	);
}

function other(name: string): fc.Arbitrary<ResourceRecordSet[]> {
	return fc
		.tuple(
			fc.option(texts.map((values) => set(name, "TXT", values, { TTL: 60 }))),
			fc.option(fc.constant(set(name, "A", ["192.0.2.1", "192.0.2.2"]))),
			fc.option(
				fc.constant({
					Name: name,
					Type: "AAAA" as const,
					AliasTarget: { HostedZoneId: "Z2ALIAS", DNSName: "lb.example.net.", EvaluateTargetHealth: true },
				}),
			),
		)
		.map((sets) => sets.filter((each) => each !== null));
}

function dmarc(name: string): fc.Arbitrary<ResourceRecordSet[]> {
	return fc.oneof(
		fc.constant<ResourceRecordSet[]>([]),
		fc.tuple(texts, ttl).map(([values, TTL]) => [set(name, "TXT", values, { TTL })]),
		fc
			.tuple(texts, otherPolicy, fc.nat(), ttl)
			.map(([values, policy, place, TTL]) => [
				set(name, "TXT", values.toSpliced(place % (values.length + 1), 0, policy), { TTL }),
			]),
		// The very value that is to come, in another spelling.
		fc.constantFrom('"v=DMARC1; p=none"', '"v=DMARC1; p=none;"').map((value) => [set(name, "TXT", [value])]),
		fc.constant<ResourceRecordSet[]>([set(name, "CNAME", ["Policy.example.net."])]),
		fc.constant<ResourceRecordSet[]>([
			set(name, "TXT", ['"one"'], { TTL: 60, SetIdentifier: "one", Region: "us-east-1" }),
			set(name, "TXT", ['"two"'], { TTL: 60, SetIdentifier: "two", Region: "eu-west-1" }),
		]),
	);
}

function selectors(name: string): fc.Arbitrary<ResourceRecordSet[]> {
	return fc.subarray([
		set(`old.${name}`, "TXT", ['"v=DKIM1; k=rsa; p=MIIB" "IjAN"']),
		set(`vendor.${name}`, "CNAME", ["Vendor.Example.NET."]),
		set(`sub.${name}`, "NS", ["ns.vendor.example"]),
		set(name, "TXT", ['"o=~"']),
	]);
}

function elsewhere(zone: string): fc.Arbitrary<ResourceRecordSet[]> {
	return fc.subarray([
		set(`*.${zone}`, "CNAME", [`www.${zone}`]),
		set(`WWW.${zone}.`, "A", ["192.0.2.3"]),
		set(`a\\040b\\053.${zone}`, "TXT", ['"octal \\303\\244"']),
		set(`_dmarc.other.${zone}`, "TXT", ['"v=DMARC1; p=reject"']),
		set(`delegated.${zone}`, "NS", ["ns1.example.net", "ns2.example.net"]),
		set(`x--y.${zone}`, "MX", ["10 mx.example.net"]),
	]);
}
