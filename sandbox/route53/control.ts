import { randomUUID } from "node:crypto";
import { defaultAccount } from "../accounts.js";
import { canonicalName } from "./names.js";
import { type ResourceRecordSet, recordSetKey, sorted } from "./record-sets.js";
import type { RecordType } from "./values.js";
import type { HostedZone, HostedZones, Vpc } from "./zones.js";

export interface ZoneOptions {
	/** Default: the sandbox's default account. A zone of any other account can stand for DNS hosted elsewhere. */
	readonly account?: string;
	readonly comment?: string;
	/** Makes it a private zone, which is never served. */
	readonly vpcs?: readonly Vpc[];
	/** Default: four new ones. Host names without a trailing dot. */
	readonly nameServers?: readonly string[];
}

/** A record set written the short way. */
export interface SimpleRecordSet {
	readonly name: string;
	readonly type: RecordType;
	/** Seconds; default 300. */
	readonly ttl?: number;
	/** As Route 53 writes them: TXT in double quotes, MX as `10 host`. */
	readonly values: readonly string[];
}

/** Hosted zones edited by hand: no request is made, nothing is logged, and the DNS shows it at once. */
export class Route53Control {
	constructor(private readonly zones: HostedZones) {}

	createZone(name: string, options: ZoneOptions = {}): HostedZone {
		const { account = defaultAccount.id, ...rest } = options;
		const created = this.zones.create({
			...rest,
			name: canonicalName(name),
			account,
			callerReference: randomUUID(),
		}).zone;
		this.zones.edit(created.id, []);
		return created;
	}

	/** Removes the zone and all that is in it. */
	deleteZone(zoneId: string): void {
		const own = new Set(["NS", "SOA"]);
		const { name } = this.zones.get(zoneId);
		const foreign = this.records(zoneId).filter((set) => set.Name !== name || !own.has(set.Type));
		this.zones.edit(
			zoneId,
			foreign.map((set) => ({ Action: "DELETE", ResourceRecordSet: set })),
		);
		this.zones.delete(zoneId);
	}

	/** Every zone of every account, oldest first. */
	allZones(): HostedZone[] {
		return this.zones.all();
	}

	/** The record sets of a zone in the order Route 53 lists them, those of pending changes included. */
	records(zoneId: string): ResourceRecordSet[] {
		return sorted(this.zones.get(zoneId).records);
	}

	/** The zone as one text: equal texts mean that nothing differs, not even in spelling or the order of values. */
	snapshot(zoneId: string): string {
		return this.records(zoneId)
			.map((set) =>
				JSON.stringify(Object.fromEntries(Object.entries(set).sort(([a], [b]) => (a < b ? -1 : 1)))),
			)
			.join("\n");
	}

	/** Adds a record set, or replaces the one with its name, type and set identifier. */
	put(zoneId: string, set: SimpleRecordSet | ResourceRecordSet): void {
		const full: ResourceRecordSet =
			"values" in set
				? {
						Name: set.name,
						Type: set.type,
						TTL: set.ttl ?? 300,
						ResourceRecords: set.values.map((Value) => ({ Value })),
					}
				: set;
		this.zones.edit(zoneId, [{ Action: "UPSERT", ResourceRecordSet: full }]);
	}

	/** @throws Error when there is no such record set */
	remove(zoneId: string, name: string, type: RecordType, setIdentifier?: string): void {
		const found = this.zones.get(zoneId).records.get(recordSetKey(canonicalName(name), type, setIdentifier));
		if (!found) throw new Error(`the zone ${zoneId} has no ${type} at ${name}`);
		this.zones.edit(zoneId, [{ Action: "DELETE", ResourceRecordSet: found }]);
	}
}
