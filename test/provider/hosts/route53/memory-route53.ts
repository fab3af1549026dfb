import { canonicalName } from "../../../../dns/index.js";
import {
	type RecordSetCursor,
	type Route53Api,
	Route53Error,
	type ZoneCursor,
} from "../../../../provider/core/hosts/route53/api.js";
import type { Change } from "../../../../provider/core/hosts/route53/changes.js";
import type { RecordSetState } from "../../../../provider/shapes.js";
import { ServiceError } from "../../../../sandbox/errors.js";
import { listRecordSets, listZonesByName } from "../../../../sandbox/route53/listing.js";
import { canonicalName as storedName } from "../../../../sandbox/route53/names.js";
import type { ResourceRecordSet } from "../../../../sandbox/route53/record-sets.js";
import { type HostedZone, HostedZones } from "../../../../sandbox/route53/zones.js";
import { type Clock, systemClock } from "../../../../sandbox/server-clock.js";

export interface Call {
	operation: keyof Route53Api;
	/** What was changed, for `change`. */
	changes?: Change[];
}

/** The sandbox's Route 53 without its wire format, for tests of what stands on top of it. */
export class MemoryRoute53 implements Route53Api {
	readonly calls: Call[] = [];
	/** Called before each call does its work; what it throws is the answer. */
	before: (call: Call) => void | Promise<void> = () => {};
	/** Called when its work is done; what it throws takes the place of the answer. */
	after: (call: Call) => void = () => {};
	pageSize = 300;

	constructor(
		private readonly clock: Pick<Clock, "now"> = systemClock,
		readonly zones = new HostedZones(systemClock, () => 0, { zoneCreated() {}, zoneDeleted() {} }),
	) {}

	addZone(name: string, { isPrivate = false, nameServers = [`ns.${name}`] } = {}): HostedZone {
		return this.zones.create({
			name: storedName(name),
			account: "000000000000",
			callerReference: `${this.zones.all().length}`,
			nameServers,
			...(isPrivate && { vpcs: [{ VPCRegion: "us-east-1", VPCId: "vpc-1" }] }),
		}).zone;
	}

	/** Adds a record set by hand, or replaces it. */
	put(zone: HostedZone, set: RecordSetState): void {
		this.zones.edit(zone.id, [{ Action: "UPSERT", ResourceRecordSet: toAws(set) }]);
	}

	remove(zone: HostedZone, set: RecordSetState): void {
		this.zones.edit(zone.id, [{ Action: "DELETE", ResourceRecordSet: toAws(set) }]);
	}

	/** What stands in the zone besides its own NS and SOA, in order. */
	records(zone: HostedZone): RecordSetState[] {
		return listRecordSets(this.zones.get(zone.id).records, undefined, 10_000)
			.items.filter(({ Name, Type }) => Name !== zone.name || (Type !== "NS" && Type !== "SOA"))
			.map(fromAws);
	}

	count(operation: keyof Route53Api): number {
		return this.calls.filter((call) => call.operation === operation).length;
	}

	listZonesByName(start: ZoneCursor) {
		return this.#call({ operation: "listZonesByName" }, () => {
			const { items, next } = listZonesByName(
				this.zones.all(),
				{ name: storedName(start.name), id: start.zoneId },
				this.pageSize,
			);
			return {
				items: items.map(fromZone),
				...(next && { next: { name: canonicalName(next.name), zoneId: next.id } }),
			};
		});
	}

	getZone(zoneId: string) {
		return this.#call({ operation: "getZone" }, () => {
			const zone = this.zones.get(zoneId);
			return { ...fromZone(zone), nameServers: [...zone.nameServers] };
		});
	}

	listRecordSets(zoneId: string, start: RecordSetCursor) {
		return this.#call({ operation: "listRecordSets" }, () => {
			const { items, next } = listRecordSets(
				this.zones.get(zoneId).records,
				{ ...start, name: storedName(start.name) },
				this.pageSize,
			);
			return {
				items: items.map(fromAws),
				...(next && {
					next: {
						name: canonicalName(next.Name),
						type: next.Type,
						...(next.SetIdentifier !== undefined && { identifier: next.SetIdentifier }),
					},
				}),
			};
		});
	}

	change(zoneId: string, changes: Change[]) {
		return this.#call({ operation: "change", changes }, () => {
			const batch = changes.map(({ action, set }) => ({ Action: action, ResourceRecordSet: toAws(set) }));
			return this.zones.change(zoneId, batch).id;
		});
	}

	inSync(changeId: string) {
		return this.#call({ operation: "inSync" }, () => {
			return this.zones.getChange(changeId).insyncAt <= this.clock.now();
		});
	}

	async #call<T>(call: Call, work: () => T): Promise<T> {
		this.calls.push(call);
		await this.before(call);
		try {
			return work();
		} catch (error) {
			if (error instanceof ServiceError) throw new Route53Error(error.message, error.code);
			throw error;
		} finally {
			this.after(call);
		}
	}
}

const fromZone = (zone: HostedZone) => ({
	id: zone.id,
	name: canonicalName(zone.name),
	private: zone.isPrivate,
});

function fromAws({ Name, Type, TTL, ResourceRecords = [], ...rest }: ResourceRecordSet): RecordSetState {
	return {
		name: canonicalName(Name),
		type: Type,
		...(TTL !== undefined && { ttl: TTL }),
		values: ResourceRecords.map(({ Value }) => Value),
		...(Object.keys(rest).length > 0 && { rest }),
	};
}

function toAws({ name, type, ttl, values, rest }: RecordSetState): ResourceRecordSet {
	return {
		...rest,
		Name: name,
		Type: type as ResourceRecordSet["Type"],
		...(ttl !== undefined && { TTL: ttl }),
		...(values.length > 0 && { ResourceRecords: values.map((Value) => ({ Value })) }),
	};
}
