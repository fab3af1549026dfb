import type { RecordSetState } from "../../shapes.js";
import { DeadlineError, deadlineSignal } from "../deadline.js";
import { about } from "../jitter.js";
import type { DelegatedZone, HostedZone, RecordSetCursor, Route53Api, ZoneCursor } from "./api.js";
import { Publisher, type Submission, type ZonesWorld } from "./publisher.js";
import type { Range } from "./reader.js";
import { SharedReader } from "./shared-reader.js";

/** How long a change may take to reach every name server. AWS: generally within 60 seconds. */
const inSyncDeadlineMs = 10 * 60_000;

/** The hosted zones of one account: resources that work at the same time share calls here. */
export class Zones {
	readonly #names: SharedReader<HostedZone, ZoneCursor>;
	readonly #zones = new Map<string, Promise<DelegatedZone>>();
	readonly #readers = new Map<string, SharedReader<RecordSetState, RecordSetCursor>>();
	readonly #publishers = new Map<string, Publisher>();
	readonly #inSync = new Map<string, Promise<void>>();

	constructor(
		private readonly api: Route53Api,
		private readonly world: ZonesWorld,
	) {
		this.#names = new SharedReader((start) => api.listZonesByName(start, world.stop), world);
	}

	/** Every hosted zone with one of these names, private ones too. @throws Route53Error */
	named(names: readonly string[]): Promise<HostedZone[]> {
		return this.#names.read(names.map((name) => ({ name })));
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
	submit(zoneId: string, submission: Submission): Promise<string | undefined> {
		return madeOnce(this.#publishers, zoneId, () => new Publisher(this.api, zoneId, this.world)).submit(
			submission,
		);
	}

	/** Waits until every name server has the change. @throws DeadlineError after ten minutes. */
	inSync(changeId: string): Promise<void> {
		return madeOnce(this.#inSync, changeId, () => this.#pollInSync(changeId));
	}

	async #pollInSync(changeId: string): Promise<void> {
		const what = `change ${changeId} to reach every Route 53 name server`;
		using deadline = deadlineSignal(
			this.world.clock,
			inSyncDeadlineMs,
			this.world.stop,
			() => new DeadlineError(what, inSyncDeadlineMs),
		);
		for (let pause = 50; ; pause = Math.min(pause * 1.6, 5_000)) {
			await this.world.clock.sleep(about(pause, this.world.random), deadline.signal);
			if (await this.api.inSync(changeId, deadline.signal)) return;
		}
	}
}

function madeOnce<T>(made: Map<string, T>, key: string, make: () => T): T {
	const known = made.get(key);
	if (known !== undefined) return known;
	const one = make();
	made.set(key, one);
	return one;
}
