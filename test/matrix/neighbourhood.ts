import { expect } from "vitest";
import { canonicalName, presentationValue } from "../../dns/index.js";
import type { HostedZone, Sandbox, SimpleRecordSet } from "../../sandbox/index.js";
import type { Identity, Tag } from "../../sandbox/ses/state.js";
import type { DnsRecordResponse } from "../../sdk/index.js";
import { OthersInSes } from "../support/others-in-ses.js";
import type { Stage } from "../support/stage.js";
import { type Api, embeddedSetups, remoteSetups, type StandingSetup, sesOf } from "./setups.js";

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
	readonly #inSes: OthersInSes;
	/** What others have in the zones beside what is always there. */
	readonly #more: SimpleRecordSet[] = [];

	/** @param account whose the zones are. Default: the sandbox's own. */
	constructor(
		readonly stage: Stage,
		readonly name: string,
		account?: string,
		readonly api: Api = "remote",
	) {
		this.domain = `mail.${name}.test`;
		const zone = () => populated(stage.sandbox.route53, name, account);
		this.zones = { first: zone(), second: zone() };
		this.#inSes = new OthersInSes(sesOf(stage));
		if (api === "embedded") this.#populateSes();
	}

	/** An identity that was made by hand, a tenant with it, and a setup of another workspace. */
	#populateSes(): void {
		const { name } = this;
		this.#inSes.keep(this.#inTenant(this.#byHand(`${name}.test`), "made-by-hand"));
		const tags = [
			{ Key: "channels-setup-id", Value: crypto.randomUUID() },
			{ Key: "channels-workspace-id", Value: crypto.randomUUID() },
		];
		const identity = sesOf(this.stage).createIdentity(`elsewhere.${name}.test`, tags, Date.now());
		this.#inSes.keep(this.#inTenant(identity, "elsewhere", tags));
	}

	#byHand(domain: string): Identity {
		const ses = sesOf(this.stage);
		const identity = ses.createIdentity(domain, [{ Key: "team", Value: "mail" }], Date.now());
		ses.setMailFrom(domain, { domain: `theirs.${domain}`, behavior: "REJECT_MESSAGE" }, Date.now());
		return identity;
	}

	#inTenant(identity: Identity, purpose: string, tags: Tag[] = []) {
		const ses = sesOf(this.stage);
		const tenant = ses.createTenant(`${purpose}-of-${this.name}`, [...tags], Date.now());
		ses.associate(tenant.name, identity.arn, Date.now());
		return { identity, tenant };
	}

	/** The domain's identity is there already: made by hand, in a tenant of others, its DKIM records published. */
	makeByHand(): void {
		const { identity, tenant } = this.#inTenant(this.#byHand(this.domain), "also-made-by-hand");
		this.#inSes.keep({ identity, tenant });
		for (const token of identity.tokens) {
			const set = {
				name: `${token}._domainkey.${this.domain}`,
				type: "CNAME" as const,
				ttl: 60,
				values: [`${token}.dkim.amazonses.com`],
			};
			this.#more.push(set);
			for (const { id } of Object.values(this.zones)) this.stage.sandbox.route53.put(id, set);
		}
	}

	/** Has the internet ask this zone. */
	delegate(which: Which): void {
		this.stage.sandbox.dns.delegate(`${this.name}.test`, this.zones[which].nameServers);
	}

	/** The setups that the API has of the domain. */
	async setups(): Promise<StandingSetup[]> {
		const { stage, domain, name } = this;
		return this.api === "remote" ? remoteSetups(stage, domain) : embeddedSetups(stage, name, this.#inSes);
	}

	/** Nothing but what is wanted, and all that others have. */
	async expectWanted({ tenant, zone, ttl }: Wanted): Promise<void> {
		const setups = await this.setups();
		expect(setups.map((each) => each.tenant)).toEqual([tenant]);
		const asked = setups.flatMap(({ records }) => records);
		this.#expectStanding((which) => (which === zone ? asked : []), ttl);
	}

	/** All its records stand in one of the zones at least. */
	async expectLive(): Promise<void> {
		const records = (await this.setups()).flatMap(({ records }) => records);
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
		const isOurDomain = (name: string) => name === this.domain || name === `news.${this.name}.test`;
		const standing = ses.identities().filter(({ name }) => isOurDomain(name) && !this.#inSes.has(name));
		expect(standing).toEqual([]);
		this.#inSes.check(() => false);
		this.#expectStanding(() => []);
	}

	/** Whatever becomes of our own. */
	expectNeighbours(): void {
		this.#inSes.check();
		for (const { id } of Object.values(this.zones)) {
			const there = standing(this.stage.sandbox.route53, id);
			for (const [key, { ttl, values }] of Object.entries(wanted(this.#neighbours, [])))
				expect(there[key]).toEqual({ ttl, values: expect.arrayContaining(values) });
		}
	}

	get #neighbours(): SimpleRecordSet[] {
		return [...neighbours(this.name), ...this.#more];
	}

	#expectStanding(records: (which: Which) => readonly DnsRecordResponse[], ttl?: number): void {
		for (const which of ["first", "second"] as const)
			expect(standing(this.stage.sandbox.route53, this.zones[which].id), `the ${which} zone`).toEqual(
				wanted(this.#neighbours, records(which), ttl),
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
function wanted(
	theirs: readonly SimpleRecordSet[],
	records: readonly DnsRecordResponse[],
	ttl = 300,
): Standing {
	const sets: Standing = {};
	const add = (key: string, ttl: number | undefined, ...values: string[]) => {
		const set = sets[key] ?? { ttl, values: [] };
		sets[key] = { ...set, values: [...new Set([...set.values, ...values])].sort() };
	};
	for (const { name: at, type, ttl = 300, values } of theirs) add(`${at} ${type}`, ttl, ...values);
	for (const record of records) add(`${record.address} ${record.type}`, ttl, presentationValue(record));
	return sets;
}
