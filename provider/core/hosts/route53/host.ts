import type { RecordSetState } from "../../../shapes.js";
import type {
	AcceptedChange,
	DnsHost,
	HostedZone,
	PlannedChange,
	Range,
	SettledOptions,
} from "../../zones/host.js";
import type { ZonesWorld } from "../../zones/publisher.js";
import { SharedReader } from "../../zones/shared-reader.js";
import { Zones } from "../../zones/zones.js";
import { type Route53Api, Route53Error, type ZoneCursor } from "./api.js";
import { changesFor, pack } from "./changes.js";
import { ChangePoller } from "./in-sync.js";
import { readRanges } from "./listing.js";
import { RecentZones } from "./recent-zones.js";

/** The zones of an account at Route 53. */
export const route53Zones = (api: Route53Api, world: ZonesWorld): Zones =>
	new Zones(new Route53Host(api, world), world);

/** An account at Route 53, as a host of zones. */
export class Route53Host implements DnsHost {
	readonly title = "Route 53";
	readonly can = { list: true, compareAndSwap: true };
	readonly #recent: RecentZones;
	readonly #names: SharedReader<HostedZone>;
	readonly #poller: ChangePoller;

	constructor(
		private readonly api: Route53Api,
		private readonly world: ZonesWorld,
	) {
		this.#recent = new RecentZones(world.clock);
		this.#poller = new ChangePoller(api, world);
		const page = async (start: ZoneCursor) => {
			const at = world.clock.now();
			const listed = await api.listZonesByName(start, world.stop);
			this.#recent.add(at, start, listed);
			return listed;
		};
		this.#names = new SharedReader((ranges) => readRanges(page, ranges), world);
	}

	/** That there is no public zone is only said after a look of its own. */
	async zones(names: readonly string[]): Promise<HostedZone[]> {
		const seen = this.#recent.named(names);
		return seen?.some((zone) => !zone.private) ? seen : this.#names.read(names.map((name) => ({ name })));
	}

	zone(id: string) {
		return this.api.getZone(id, this.world.stop);
	}

	read(zoneId: string, ranges: readonly Range[]): Promise<RecordSetState[]> {
		return readRanges((start) => this.api.listRecordSets(zoneId, start, this.world.stop), ranges);
	}

	batches<Planned extends PlannedChange>(planned: readonly Planned[]): Planned[][] {
		return pack(planned, ({ intents, current }) => changesFor(intents, current));
	}

	async change(zoneId: string, batch: readonly PlannedChange[]): Promise<AcceptedChange> {
		const changes = batch.flatMap(({ intents, current }) => changesFor(intents, current));
		const id = await this.api.change(zoneId, changes, this.world.stop).catch((error: unknown) => {
			// IAM may allow a part of it, by its names (`route53:ChangeResourceRecordSetsNormalizedRecordNames`).
			const isPartial = error instanceof Route53Error && error.word === "AccessDenied";
			throw isPartial ? error.ofKind("refused") : error;
		});
		return { id, zoneId, at: this.world.clock.now() };
	}

	settled(change: AcceptedChange, options?: SettledOptions): Promise<void> {
		return this.#poller.inSync(change, options);
	}
}
