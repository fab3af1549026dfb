import type { RecordSetState } from "../../shapes.js";
import type { DelegatedZone, HostedZone, RecordSetCursor, Route53Api, ZoneCursor } from "./api.js";
import { ChangePoller, type InSyncOptions } from "./in-sync.js";
import { type AcceptedChange, Publisher, type Submission, type ZonesWorld } from "./publisher.js";
import type { Range } from "./reader.js";
import { RecentZones } from "./recent-zones.js";
import { SharedReader } from "./shared-reader.js";

/** The hosted zones of one account: resources that work at the same time share calls here. */
export class Zones {
	readonly #recent: RecentZones;
	readonly #names: SharedReader<HostedZone, ZoneCursor>;
	readonly #zones = new Map<string, Promise<DelegatedZone>>();
	readonly #readers = new Map<string, SharedReader<RecordSetState, RecordSetCursor>>();
	readonly #publishers = new Map<string, Publisher>();
	readonly #poller: ChangePoller;

	constructor(
		private readonly api: Route53Api,
		private readonly world: ZonesWorld,
	) {
		this.#poller = new ChangePoller(api, world);
		this.#recent = new RecentZones(world.clock);
		this.#names = new SharedReader(async (start) => {
			const at = world.clock.now();
			const page = await api.listZonesByName(start, world.stop);
			this.#recent.add(at, start, page);
			return page;
		}, world);
	}

	/**
	 * Every hosted zone with one of these names, private ones too, as they were seen within the last five seconds. That
	 * there is no public one is only said after a look of its own.
	 *
	 * @throws Route53Error
	 */
	async named(names: readonly string[]): Promise<HostedZone[]> {
		const seen = this.#recent.named(names);
		return seen?.some((zone) => !zone.private) ? seen : this.#names.read(names.map((name) => ({ name })));
	}

	/** A zone with its name servers, which never change. @throws Route53Error */
	zone(id: string): Promise<DelegatedZone> {
		return madeOnce(this.#zones, id, () => {
			const zone = this.api.getZone(id, this.world.stop);
			zone.catch(() => this.#zones.delete(id));
			return zone;
		});
	}

	/** The record sets in these ranges. @throws Route53Error */
	read(zoneId: string, ranges: Range[]): Promise<RecordSetState[]> {
		return madeOnce(
			this.#readers,
			zoneId,
			() => new SharedReader((start) => this.api.listRecordSets(zoneId, start, this.world.stop), this.world),
		).read(ranges);
	}

	/** See {@link Publisher.submit}. */
	submit(zoneId: string, submission: Submission): Promise<AcceptedChange | undefined> {
		return madeOnce(this.#publishers, zoneId, () => new Publisher(this.api, zoneId, this.world)).submit(
			submission,
		);
	}

	/** Waits until every name server has a change. See {@link ChangePoller.inSync}. */
	inSync(change: AcceptedChange, options?: InSyncOptions): Promise<void> {
		return this.#poller.inSync(change, options);
	}
}

function madeOnce<T>(made: Map<string, T>, key: string, make: () => T): T {
	const known = made.get(key);
	if (known !== undefined) return known;
	const one = make();
	made.set(key, one);
	return one;
}
