import { expect } from "vitest";
import { canonicalName, presentationValue } from "../../dns/index.js";
import type { HostedZone, Sandbox, SimpleRecordSet } from "../../sandbox/index.js";
import {
	ChannelsClient,
	type DnsRecordResponse,
	NotFoundError,
	type SesSetupDetailResponse,
} from "../../sdk/index.js";
import type { Stage } from "../support/stage.js";

type Route53 = Sandbox["route53"];

/** Two zones of one name. */
export type Which = "first" | "second";

export interface Wanted {
	readonly tenant: string;
	/** Undefined where the records are published by nobody. */
	readonly zone: Which | undefined;
	readonly ttl: number;
}

/** What others have around `mail.<name>.test`, at its very names where two may have something. */
const neighbours = (name: string): SimpleRecordSet[] => [
	{ name: `${name}.test`, type: "MX", values: ["10 mx.other.example."] },
	{ name: `${name}.test`, type: "TXT", values: ['"v=spf1 -all"'] },
	{ name: `_dmarc.${name}.test`, type: "TXT", values: ['"v=DMARC1; p=none"'] },
	{ name: `mail.${name}.test`, type: "A", values: ["192.0.2.1"] },
	{ name: `mail.${name}.test`, type: "TXT", ttl: 60, values: ['"other=1"', '"v=spf1 -all"'] },
	{ name: `_dmarc.mail.${name}.test`, type: "TXT", ttl: 60, values: ['"other=2"'] },
	{ name: `other._domainkey.mail.${name}.test`, type: "CNAME", values: ["other.dkim.example."] },
];

type Standing = Record<string, { ttl: number | undefined; values: string[] }>;

/** A domain `mail.<name>.test` in zones in which others have records, and what the Channels API and SES have of it. */
export class Neighbourhood {
	readonly domain: string;
	readonly zones: Readonly<Record<Which, HostedZone>>;

	/** @param account whose the zones are. Default: the sandbox's own. */
	constructor(
		readonly stage: Stage,
		readonly name: string,
		account?: string,
	) {
		this.domain = `mail.${name}.test`;
		const zone = () => populated(stage.sandbox.route53, name, account);
		this.zones = { first: zone(), second: zone() };
	}

	/** Has the internet ask this zone. */
	delegate(which: Which): void {
		this.stage.sandbox.dns.delegate(`${this.name}.test`, this.zones[which].nameServers);
	}

	/** The setups that the API has of the domain. */
	async setups(): Promise<SesSetupDetailResponse[]> {
		const { url: baseUrl, apiKey, workspaceId } = this.stage.service;
		await using client = new ChannelsClient({ apiKey, workspaceId, baseUrl });
		const setups: SesSetupDetailResponse[] = [];
		for await (const { id, domain_identity } of client.sesSetups.list()) {
			if (domain_identity !== this.domain) continue;
			const found = await client.sesSetups.get(id).catch((error: unknown) => {
				// One that is just being deleted.
				if (error instanceof NotFoundError) return undefined;
				throw error;
			});
			if (found) setups.push(found.data);
		}
		return setups;
	}

	/** Nothing but what is wanted, and all that others have. */
	async expectWanted({ tenant, zone, ttl }: Wanted): Promise<void> {
		const setups = await this.setups();
		expect(setups.map(({ tenant_name }) => tenant_name)).toEqual([tenant]);
		const records = setups.flatMap(({ dns_records }) => dns_records);
		this.#expectStanding((which) => (which === zone ? records : []), ttl);
	}

	/** All its records stand in one of the zones at least. */
	async expectLive(): Promise<void> {
		const records = (await this.setups()).flatMap(({ dns_records }) => dns_records);
		const missing = Object.values(this.zones).map(({ id }) => {
			const there = standing(this.stage.sandbox.route53, id);
			return records.filter(
				(record) => !there[`${record.address} ${record.type}`]?.values.includes(presentationValue(record)),
			);
		});
		expect(records).not.toEqual([]);
		expect(missing).toContainEqual([]);
	}

	/** As it was before there was a setup. */
	async expectNothing(): Promise<void> {
		const { ses } = this.stage.sandbox;
		expect(await this.setups()).toEqual([]);
		const isOurs = (tenant: string) => tenant === this.name || tenant.startsWith(`${this.name}-`);
		expect(ses.tenants().filter(({ name }) => isOurs(name))).toEqual([]);
		expect(ses.identities().filter(({ name }) => name === this.domain)).toEqual([]);
		this.#expectStanding(() => []);
	}

	/** Whatever becomes of our own. */
	expectNeighbours(): void {
		for (const { id } of Object.values(this.zones)) {
			const there = standing(this.stage.sandbox.route53, id);
			for (const [key, { ttl, values }] of Object.entries(wanted(this.name, [])))
				expect(there[key]).toEqual({ ttl, values: expect.arrayContaining(values) });
		}
	}

	#expectStanding(records: (which: Which) => readonly DnsRecordResponse[], ttl?: number): void {
		for (const which of ["first", "second"] as const)
			expect(standing(this.stage.sandbox.route53, this.zones[which].id), `the ${which} zone`).toEqual(
				wanted(this.name, records(which), ttl),
			);
	}
}

function populated(route53: Route53, name: string, account: string | undefined): HostedZone {
	const zone = route53.createZone(`${name}.test`, account === undefined ? {} : { account });
	for (const set of neighbours(name)) route53.put(zone.id, set);
	return zone;
}

/** All that stands in a zone, but for what is the zone's own. */
function standing(route53: Route53, zoneId: string): Standing {
	const { name } = route53.allZones().find(({ id }) => id === zoneId) ?? { name: "" };
	return Object.fromEntries(
		route53
			.records(zoneId)
			.filter(({ Name, Type }) => Name !== name || !["NS", "SOA"].includes(Type))
			.map(({ Name, Type, TTL, ResourceRecords = [] }) => [
				`${canonicalName(Name)} ${Type}`,
				{ ttl: TTL, values: ResourceRecords.map(({ Value }) => Value).sort() },
			]),
	);
}

/** What others have, and beside it these records. */
function wanted(name: string, records: readonly DnsRecordResponse[], ttl = 300): Standing {
	const sets: Standing = {};
	const add = (key: string, ttl: number | undefined, ...values: string[]) => {
		const set = sets[key] ?? { ttl, values: [] };
		sets[key] = { ...set, values: [...set.values, ...values].sort() };
	};
	for (const { name: at, type, ttl: theirs = 300, values } of neighbours(name))
		add(`${at} ${type}`, theirs, ...values);
	for (const record of records) add(`${record.address} ${record.type}`, ttl, presentationValue(record));
	return sets;
}
