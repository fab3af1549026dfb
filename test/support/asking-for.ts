/** A Channels API that asks for other records than our service does: the stage's own, whose answers are changed on their way. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { canonicalName, contains, presentationValue } from "../../dns/index.js";
import type { Stage } from "./stage.js";

/** A record as an API may ask for it, be it one that our types do not have. */
export interface Asked {
	readonly address: string;
	readonly type: string;
	readonly record: string;
}

/** What an API asks for in place of the records of our service. */
export type Asking = (records: readonly Asked[], domain: string) => readonly Asked[];

/**
 * The stage, with such an API in front. A record that our service does not ask for counts as verified once it stands in the
 * zone.
 *
 * @param asking asked for each answer, so that what it says may change.
 */
export async function askingFor(stage: Stage, zone: { id: string }, asking: Asking): Promise<Stage> {
	const stands = ({ address, type, record }: Asked) =>
		stage.sandbox.route53.records(zone.id).some(({ Name, Type, ResourceRecords = [] }) => {
			const values = ResourceRecords.map(({ Value }) => Value ?? "");
			const value = presentationValue({ type: type as "TXT", record });
			return canonicalName(Name) === canonicalName(address) && Type === type && contains(type, values, value);
		});
	const server = createServer(async (request, response) => {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const { host: _host, connection: _connection, "content-length": _length, ...headers } = request.headers;
		const answer = await fetch(`${stage.baseUrl}${request.url}`, {
			method: request.method ?? "GET",
			headers: headers as Record<string, string>,
			...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
		});
		const text = await answer.text();
		const body = text.includes('"dns_records"') ? changed(JSON.parse(text)) : text;
		const { "content-length": _former, ...rest } = Object.fromEntries(answer.headers);
		response.writeHead(answer.status, rest).end(body);
	});
	const changed = (setup: { dns_records: (Asked & { verified: boolean })[]; domain_identity: string }) => {
		const own = setup.dns_records;
		const records = asking(own, setup.domain_identity).map((each) => ({
			...each,
			verified: own.includes(each as (typeof own)[number])
				? (each as (typeof own)[number]).verified
				: stands(each),
		}));
		return JSON.stringify({ ...setup, dns_records: records });
	};
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return Object.create(stage, {
		baseUrl: { value: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
		[Symbol.asyncDispose]: {
			value: async () => {
				server.closeAllConnections();
				await new Promise((resolve) => server.close(resolve));
			},
		},
	}) as Stage;
}

/** What Amazon SES asks for with a custom MAIL FROM. */
export const mailFrom = (domain: string): Asked[] => [
	{ address: `bounce.${domain}`, type: "MX", record: "10 feedback-smtp.us-east-1.amazonses.com" },
	{ address: `bounce.${domain}`, type: "TXT", record: "v=spf1 include:amazonses.com ~all" },
];

const ofType = (records: readonly Asked[], ...types: string[]) =>
	records.filter(({ type }) => types.includes(type));

/** Records that APIs may well ask for. */
export const shapes: Readonly<Record<string, Asking>> = {
	"the five of today": (records) => records,
	"a custom MAIL FROM": (records, domain) => [...records, ...mailFrom(domain)],
	"DKIM with keys of one's own": (records, domain) => [
		...ofType(records, "MX", "TXT"),
		{
			address: `s2026._domainkey.${domain}`,
			type: "TXT",
			record: `v=DKIM1; k=rsa; p=${"MIIBIjANBgkq".repeat(40)}`,
		},
	],
	"an SPF at the domain": (records, domain) => [
		...records,
		{ address: domain, type: "TXT", record: "v=spf1 include:amazonses.com ~all" },
	],
	"two mail exchangers": (records, domain) => [
		...records,
		{ address: domain, type: "MX", record: "20 inbound-smtp.us-west-2.amazonaws.com" },
	],
	"no DMARC policy": (records) => ofType(records, "CNAME", "MX"),
	// Copies, because SES accepts its DKIM only with all three.
	"two CNAMEs": (records) => [
		...ofType(records, "CNAME")
			.slice(0, 2)
			.map((each) => ({ ...each })),
		...ofType(records, "MX", "TXT"),
	],
	"four CNAMEs": (records, domain) => [
		...records,
		{ address: `fourth._domainkey.${domain}`, type: "CNAME", record: "fourth.dkim.amazonses.com" },
	],
	"a verification token": (records, domain) => [
		...records,
		{ address: `_amazonses.${domain}`, type: "TXT", record: "pmBGN/7MjnfhTKUZ06Enqq1PeGUaOkw8lGhcfwefcHU=" },
	],
};

/** Records that no zone takes on an API's word. */
export const hostileShapes: Readonly<Record<string, Asking>> = {
	"an exchanger at the zone's apex": (records, domain) => [
		...records,
		{ address: domain.replace(/^[^.]+\./, ""), type: "MX", record: "10 mx.evil.example" },
	],
	"a sibling": (records, domain) => [
		...records,
		{ address: domain.replace(/^[^.]+/, "login"), type: "CNAME", record: "phish.evil.example" },
	],
	"a wildcard": (records, domain) => [
		...records,
		{ address: `*.${domain}`, type: "MX", record: "10 mx.evil.example" },
	],
	"a challenge for a certificate": (records, domain) => [
		...records,
		{
			address: `_acme-challenge.${domain}`,
			type: "TXT",
			record: "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA",
		},
	],
	"another type": (records, domain) => [...records, { address: domain, type: "A", record: "192.0.2.1" }],
	"a target that is no host name": (records, domain) => [
		...records,
		{ address: `x._domainkey.${domain}`, type: "CNAME", record: "x.example\n$INCLUDE /etc/passwd" },
	],
	"an exchanger without a priority": (records, domain) => [
		...records,
		{ address: `bounce.${domain}`, type: "MX", record: "mx.example" },
	],
	"control characters": (records, domain) => [
		...records,
		{ address: `x._domainkey.${domain}`, type: "TXT", record: "v=DKIM1;\u001b[2J p=x" },
	],
	"more records than a setup has": (records, domain) => [
		...records,
		...Array.from({ length: 20 }, (_, index) => ({
			address: `s${index}._domainkey.${domain}`,
			type: "CNAME",
			record: "x.dkim.amazonses.com",
		})),
	],
	"more text than a setup has": (records, domain) => [
		...records,
		{ address: `x._domainkey.${domain}`, type: "TXT", record: "p=".padEnd(4_096, "x") },
	],
};
