import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, test } from "vitest";
import { AwsRecords } from "../../provider/aws.js";
import type { DnsRecord } from "../../provider/shapes.js";
import { shapes } from "../support/asking-for.js";

const domain = "mail.acme.com";
const dkim = (token: string): DnsRecord => ({
	address: `${token}._domainkey.${domain}`,
	type: "CNAME",
	record: `${token}.dkim.amazonses.com`,
});
const mx: DnsRecord = { address: domain, type: "MX", record: "10 inbound-smtp.us-east-1.amazonaws.com" };
const dmarc: DnsRecord = { address: `_dmarc.${domain}`, type: "TXT", record: "v=DMARC1; p=none" };
const five = [dkim("b"), dkim("c"), dkim("a"), mx, dmarc];

const childType = "aws:route53/record:Record";
const settled = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => output.apply(resolve as never));

describe("AwsRecords", () => {
	let registered: pulumi.runtime.MockResourceArgs[];
	beforeEach(async () => {
		registered = [];
		await pulumi.runtime.setMocks({
			call: () => ({}),
			newResource: (resource) => {
				registered.push(resource);
				return { id: `${resource.name}-id`, state: resource.inputs };
			},
		});
	});

	/** The inputs of the children, by name. */
	async function published(dnsRecords: DnsRecord[], more: object = {}): Promise<Record<string, unknown>> {
		const records = new AwsRecords("acme", { dnsRecords, zoneId: "Z1", ...more });
		const children = await settled(records.children);
		await Promise.all(Object.values(children).map((child) => settled((child as pulumi.CustomResource).id)));
		return Object.fromEntries(
			registered.filter(({ type }) => type === childType).map(({ name, inputs }) => [name, inputs]),
		);
	}

	test("publishes each record by a child of its own, in plain values", async () => {
		const common = { zoneId: "Z1", ttl: 300 };
		expect(await published(five)).toEqual({
			"acme-dkim-1": {
				...common,
				name: "a._domainkey.mail.acme.com",
				type: "CNAME",
				records: [dkim("a").record],
			},
			"acme-dkim-2": {
				...common,
				name: "b._domainkey.mail.acme.com",
				type: "CNAME",
				records: [dkim("b").record],
			},
			"acme-dkim-3": {
				...common,
				name: "c._domainkey.mail.acme.com",
				type: "CNAME",
				records: [dkim("c").record],
			},
			"acme-mx": { ...common, name: domain, type: "MX", records: [mx.record] },
			"acme-dmarc": { ...common, name: `_dmarc.${domain}`, type: "TXT", records: ["v=DMARC1; p=none"] },
		});
	});

	test("passes the time to live and allowOverwrite on to all five", async () => {
		const children = Object.values(await published(five, { ttl: 60, allowOverwrite: true }));
		expect(children).toHaveLength(5);
		for (const child of children) expect(child).toMatchObject({ ttl: 60, allowOverwrite: true });
	});

	test("publishes whatever else is asked for, each set by a child that is named by its kind and number", async () => {
		const more: DnsRecord[] = [
			{ address: domain, type: "MX", record: "20 inbound-smtp.us-west-2.amazonaws.com" },
			{ address: `bounce.${domain}`, type: "MX", record: "10 feedback-smtp.us-east-1.amazonses.com" },
			{ address: `bounce.${domain}`, type: "TXT", record: "v=spf1 include:amazonses.com ~all" },
			{ address: domain, type: "TXT", record: "v=spf1 include:amazonses.com ~all" },
			{ address: `_amazonses.${domain}`, type: "TXT", record: "token" },
			{ address: `d._domainkey.${domain}`, type: "TXT", record: "v=DKIM1; p=x" },
		];
		const children = await published([...five, ...more]);
		expect(Object.keys(children).sort()).toEqual(
			[...["1", "2", "3", "4"].map((number) => `acme-dkim-${number}`), "acme-dmarc"].concat(
				...["acme-mailFrom-1", "acme-mailFrom-2", "acme-mx", "acme-spf-1", "acme-token-1"],
			),
		);
		expect(children["acme-mx"]).toMatchObject({ records: [mx.record, more[0]?.record] });
		expect(children["acme-mailFrom-2"]).toMatchObject({ type: "TXT", name: `bounce.${domain}` });
	});

	test.each(Object.entries(shapes))(
		"publishes each set once at an API that asks for %s",
		async (_, asking) => {
			const asked = asking(five, domain) as DnsRecord[];
			const children = Object.values(await published(asked)) as {
				name: string;
				type: string;
				records: string[];
			}[];
			const sets = new Set(asked.map(({ address, type }) => `${type} ${address}`));
			expect(children.map(({ name, type }) => `${type} ${name}`).sort()).toEqual([...sets].sort());
			expect(children.flatMap(({ records }) => records)).toHaveLength(asked.length);
		},
	);

	test("publishes no more than is asked for", async () => {
		expect(Object.keys(await published([dkim("a"), dkim("b"), mx]))).toEqual([
			"acme-dkim-1",
			"acme-dkim-2",
			"acme-mx",
		]);
	});

	test("splits and escapes a long TXT value within the quotes that the AWS provider adds", async () => {
		const long = `v=DMARC1; p=none; rua=mailto:${"a".repeat(240)}@acme.com; x="\\"`;
		const { "acme-dmarc": child } = await published([...five.slice(0, 4), { ...dmarc, record: long }]);
		const [value = ""] = (child as { records: string[] }).records;
		const strings = `"${value}"`.split('" "');
		expect(strings).toHaveLength(2);
		expect(strings.join("").replaceAll(/\\(["\\])/g, "$1")).toBe(`"${long}"`);
		expect((strings[0] ?? "").length - 1).toBe(255);
	});
});
