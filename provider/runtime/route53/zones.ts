import type { RecordSetState } from "../../shapes.js";
import type { Clock } from "../clock.js";
import { DeadlineError, deadlineSignal } from "../deadline.js";
import type { DelegatedZone, HostedZone, Route53Api } from "./api.js";
import { Coalescer } from "./coalesce.js";
import { Publisher, type Submission } from "./publisher.js";
import { covers, type Range, readRanges } from "./reader.js";

interface Reading {
	ranges: Range[];
	resolve(sets: RecordSetState[]): void;
	reject(error: unknown): void;
}

/** How long a change may take to reach every name server. AWS: generally within 60 seconds. */
const inSyncDeadlineMs = 10 * 60_000;

/** The hosted zones of one account: resources that work at the same time share calls here. */
export class Zones {
	readonly #publishers = new Map<string, Publisher>();
	readonly #readers = new Map<string, Coalescer<Reading>>();
	readonly #zones = new Map<string, Promise<DelegatedZone>>();
	readonly #inSync = new Map<string, Promise<void>>();
	#listing: { names: Set<string>; zones: Promise<HostedZone[]> } | undefined;

	constructor(
		private readonly api: Route53Api,
		private readonly clock: Clock,
		private readonly random: () => number,
		private readonly stop: AbortSignal,
	) {}

	/** Every hosted zone with one of these names, private ones too. */
	async named(names: readonly string[]): Promise<HostedZone[]> {
		const known = this.#listing;
		if (known && names.every((name) => known.names.has(name))) return known.zones;
		const zones = readRanges(
			(start) => this.api.listZonesByName(start, this.stop),
			names.map((name) => ({ name })),
		);
		// Setups of one domain that are made at the same time ask the same; later ones look again, because a
		// zone may be made in between.
		const listing = { names: new Set(names), zones };
		this.#listing = listing;
		try {
			return await zones;
		} finally {
			if (this.#listing === listing) this.#listing = undefined;
		}
	}

	/** A zone with its name servers, which never change. @throws Route53Error */
	zone(id: string): Promise<DelegatedZone> {
		let zone = this.#zones.get(id);
		if (!zone) {
			zone = this.api.getZone(id, this.stop);
			this.#zones.set(id, zone);
			zone.catch(() => this.#zones.delete(id));
		}
		return zone;
	}

	/** The record sets in these ranges. @throws Route53Error */
	read(zoneId: string, ranges: Range[]): Promise<RecordSetState[]> {
		let reader = this.#readers.get(zoneId);
		if (!reader) {
			reader = new Coalescer(this.clock, 15, (readings) => this.#readAll(zoneId, readings));
			this.#readers.set(zoneId, reader);
		}
		const coalescer = reader;
		return new Promise((resolve, reject) => coalescer.add({ ranges, resolve, reject }));
	}

	async #readAll(zoneId: string, readings: Reading[]): Promise<void> {
		try {
			const sets = await readRanges(
				(start) => this.api.listRecordSets(zoneId, start, this.stop),
				readings.flatMap(({ ranges }) => ranges),
			);
			for (const { ranges, resolve } of readings) {
				resolve(sets.filter((set) => ranges.some((range) => covers(range, set.name))));
			}
		} catch (error) {
			for (const { reject } of readings) reject(error);
		}
	}

	/** See {@link Publisher.submit}. */
	submit(zoneId: string, submission: Submission): Promise<string | undefined> {
		let publisher = this.#publishers.get(zoneId);
		if (!publisher) {
			publisher = new Publisher(this.api, zoneId, this.clock, this.stop);
			this.#publishers.set(zoneId, publisher);
		}
		return publisher.submit(submission);
	}

	/** Waits until every name server has the change. @throws DeadlineError after ten minutes. */
	inSync(changeId: string): Promise<void> {
		let wait = this.#inSync.get(changeId);
		if (!wait) {
			wait = this.#pollInSync(changeId);
			this.#inSync.set(changeId, wait);
		}
		return wait;
	}

	async #pollInSync(changeId: string): Promise<void> {
		const what = `change ${changeId} to reach every Route 53 name server`;
		using deadline = deadlineSignal(
			this.clock,
			inSyncDeadlineMs,
			this.stop,
			() => new DeadlineError(what, inSyncDeadlineMs),
		);
		for (let pause = 250; ; pause = Math.min(pause * 1.6, 5_000)) {
			await this.clock.sleep(pause * (0.8 + 0.4 * this.random()), deadline.signal);
			if (await this.api.inSync(changeId, deadline.signal)) return;
		}
	}
}
