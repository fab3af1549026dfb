import type { RecordSetState } from "../../shapes.js";
import type { AcceptedChange, DelegatedZone, DnsHost, HostedZone, Range, SettledOptions } from "./host.js";
import { Publisher, type Submission, type ZonesWorld } from "./publisher.js";
import { SharedReader } from "./shared-reader.js";

/** The zones of one account at a host: resources that work at the same time share calls here. */
export class Zones {
	readonly #zones = new Map<string, Promise<DelegatedZone>>();
	readonly #readers = new Map<string, SharedReader<RecordSetState>>();
	readonly #publishers = new Map<string, Publisher>();

	constructor(
		private readonly host: DnsHost,
		private readonly world: ZonesWorld,
	) {}

	/** See {@link DnsHost.title}. */
	get title(): string {
		return this.host.title;
	}

	/** See {@link DnsHost.zones}. */
	named(names: readonly string[]): Promise<HostedZone[]> {
		return this.host.zones(names);
	}

	/** A zone with its name servers, which never change. @throws HostError */
	zone(id: string): Promise<DelegatedZone> {
		return madeOnce(this.#zones, id, () => {
			const zone = this.host.zone(id);
			zone.catch(() => this.#zones.delete(id));
			return zone;
		});
	}

	/** The record sets in these ranges. @throws HostError */
	read(zoneId: string, ranges: Range[]): Promise<RecordSetState[]> {
		return madeOnce(
			this.#readers,
			zoneId,
			() => new SharedReader((all) => this.host.read(zoneId, all), this.world),
		).read(ranges);
	}

	/** See {@link Publisher.submit}. */
	submit(zoneId: string, submission: Submission): Promise<AcceptedChange | undefined> {
		return madeOnce(this.#publishers, zoneId, () => new Publisher(this.host, zoneId, this.world)).submit(
			submission,
		);
	}

	/** See {@link DnsHost.settled}. */
	settled(change: AcceptedChange, options?: SettledOptions): Promise<void> | undefined {
		return this.host.settled?.(change, options);
	}
}

function madeOnce<T>(made: Map<string, T>, key: string, make: () => T): T {
	const known = made.get(key);
	if (known !== undefined) return known;
	const one = make();
	made.set(key, one);
	return one;
}
