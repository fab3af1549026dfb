import { randomInt } from "node:crypto";
import { ServiceError } from "../errors.js";
import type { Clock } from "../server-clock.js";
import {
	applyChanges,
	type Change,
	type RecordSets,
	type ResourceRecordSet,
	recordSetKey,
} from "./record-sets.js";

export interface Vpc {
	readonly VPCRegion: string;
	readonly VPCId: string;
}

export interface HostedZone {
	/** Without `/hostedzone/`. */
	readonly id: string;
	/** Lower case, octal escapes, with a trailing dot. */
	readonly name: string;
	readonly account: string;
	readonly callerReference: string;
	readonly comment: string | undefined;
	readonly isPrivate: boolean;
	readonly vpcs: readonly Vpc[];
	/** Host names without a trailing dot. */
	readonly nameServers: readonly string[];
	/** The record sets as listings show them, those of pending changes included. */
	readonly records: RecordSets;
	/** The record sets that name servers answer from at `time`: those INSYNC by then, a new zone's NS and SOA always. */
	publishedAt(time: number): RecordSets;
}

export interface ChangeInfo {
	readonly id: string;
	readonly account: string;
	readonly submittedAt: number;
	readonly insyncAt: number;
}

export interface NewZone {
	readonly name: string;
	readonly account: string;
	readonly callerReference: string;
	readonly comment?: string;
	readonly vpcs?: readonly Vpc[];
	readonly nameServers?: readonly string[];
}

/** Told of zones that come and go; the registrar of the sandbox's DNS. */
export interface ZoneObserver {
	zoneCreated(zone: HostedZone): void;
	zoneDeleted(zone: HostedZone): void;
}

class StoredZone implements HostedZone {
	readonly id: string;
	readonly name: string;
	readonly account: string;
	readonly callerReference: string;
	readonly comment: string | undefined;
	readonly vpcs: readonly Vpc[];
	readonly nameServers: readonly string[];
	records: RecordSets;
	/** The states of the zone that may still be served, oldest first: servers that lag answer from an older one. */
	#versions: { insyncAt: number; records: RecordSets }[] = [];

	constructor(zone: NewZone, id: string, nameServers: readonly string[], records: RecordSets) {
		this.id = id;
		this.name = zone.name;
		this.account = zone.account;
		this.callerReference = zone.callerReference;
		this.comment = zone.comment;
		this.vpcs = zone.vpcs ?? [];
		this.nameServers = nameServers;
		this.records = records;
	}

	get isPrivate(): boolean {
		return this.vpcs.length > 0;
	}

	/** @param since no server will ask for the zone as it was before */
	set(records: RecordSets, insyncAt: number, since: number): void {
		this.records = records;
		const oldest = this.#versions.findLastIndex((version) => version.insyncAt <= since);
		this.#versions = [...this.#versions.slice(Math.max(oldest, 0)), { insyncAt, records }];
	}

	publishedAt(time: number): RecordSets {
		const version = this.#versions.findLast(({ insyncAt }) => insyncAt <= time) ?? this.#versions[0];
		return version?.records ?? this.records;
	}
}

/** The hosted zones of all accounts and what happened to them. */
export class HostedZones {
	readonly #zones = new Map<string, StoredZone>();
	readonly #changes = new Map<string, ChangeInfo>();
	#nameServersGiven = 0;
	#historyMs = 0;

	constructor(
		private readonly clock: Clock,
		/** Milliseconds from a change to INSYNC. */
		private readonly insyncAfter: () => number,
		private readonly observer: ZoneObserver,
		/** Draws a whole number from 0 to `below` - 1, for ids. */
		private readonly draw: (below: number) => number = randomInt,
	) {}

	/** All zones, oldest first. */
	all(): HostedZone[] {
		return [...this.#zones.values()];
	}

	/** @throws ServiceError NoSuchHostedZone */
	get(id: string): HostedZone {
		return this.#stored(id);
	}

	/** `zone.name` in its stored form. */
	create(zone: NewZone): { zone: HostedZone; change: ChangeInfo } {
		const nameServers = zone.nameServers ?? this.#nextNameServers();
		const created = new StoredZone(
			zone,
			this.#newId("Z"),
			nameServers,
			initialRecords(zone.name, nameServers),
		);
		this.#zones.set(created.id, created);
		const change = this.#submit(created, created.records);
		this.observer.zoneCreated(created);
		return { zone: created, change };
	}

	/** @throws ServiceError HostedZoneNotEmpty while it holds more than its own NS and SOA */
	delete(id: string): ChangeInfo {
		const zone = this.#stored(id);
		const own = new Set([recordSetKey(zone.name, "NS"), recordSetKey(zone.name, "SOA")]);
		if ([...zone.records.keys()].some((key) => !own.has(key))) {
			throw new ServiceError(
				400,
				"HostedZoneNotEmpty",
				"The specified hosted zone contains non-required resource record sets and so cannot be deleted.",
			);
		}
		this.#zones.delete(id);
		this.observer.zoneDeleted(zone);
		return this.#recordChange(zone.account);
	}

	/** @throws ServiceError InvalidChangeBatch */
	change(id: string, changes: readonly Change[]): ChangeInfo {
		const zone = this.#stored(id);
		return this.#submit(zone, applyChanges(zone, zone.records, changes));
	}

	/** Applies changes and publishes the zone at once. */
	edit(id: string, changes: readonly Change[]): void {
		const zone = this.#stored(id);
		const now = this.clock.now();
		zone.set(applyChanges(zone, zone.records, changes), now, now - this.#historyMs);
	}

	/** From now on keeps what was published up to `ms` milliseconds ago, for servers that lag. */
	keepHistory(ms: number): void {
		this.#historyMs = Math.max(this.#historyMs, ms);
	}

	/** @throws ServiceError NoSuchChange */
	getChange(id: string): ChangeInfo {
		const change = this.#changes.get(id);
		if (!change) throw new ServiceError(404, "NoSuchChange", `Could not find resource with ID: ${id}`);
		return change;
	}

	#stored(id: string): StoredZone {
		const zone = this.#zones.get(id);
		if (!zone) throw new ServiceError(404, "NoSuchHostedZone", `No hosted zone found with ID: ${id}`);
		return zone;
	}

	#submit(zone: StoredZone, records: RecordSets): ChangeInfo {
		const change = this.#recordChange(zone.account);
		zone.set(records, change.insyncAt, change.submittedAt - this.#historyMs);
		return change;
	}

	#recordChange(account: string): ChangeInfo {
		const submittedAt = this.clock.now();
		const change = { id: this.#newId("C"), account, submittedAt, insyncAt: submittedAt + this.insyncAfter() };
		this.#changes.set(change.id, change);
		return change;
	}

	#newId(prefix: string): string {
		const characters = Array.from({ length: 20 }, () => idCharacters[this.draw(idCharacters.length)]);
		return prefix + characters.join("");
	}

	#nextNameServers(): string[] {
		return Array.from({ length: 4 }, () => `ns-${++this.#nameServersGiven}.${nameServerDomain}`);
	}
}

/** The domain of the name servers that hosted zones are given (`.test`: RFC 2606). */
export const nameServerDomain = "sandbox-dns.test";

/** NS and SOA as Route 53 makes them: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/SOA-NSrecords.html */
function initialRecords(name: string, nameServers: readonly string[]): RecordSets {
	const sets: ResourceRecordSet[] = [
		{
			Name: name,
			Type: "NS",
			TTL: 172_800,
			ResourceRecords: nameServers.map((host) => ({ Value: `${host}.` })),
		},
		{
			Name: name,
			Type: "SOA",
			TTL: 900,
			ResourceRecords: [
				{ Value: `${nameServers[0]}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400` },
			],
		},
	];
	return new Map(sets.map((set) => [recordSetKey(set.Name, set.Type), set]));
}

const idCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
