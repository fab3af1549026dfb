import { canonicalName } from "../../../../dns/index.js";
import type { Clock } from "../../clock.js";
import type { HostedZone } from "../../zones/host.js";
import type { ZoneCursor } from "./api.js";
import { compareNames } from "./listing.js";

/**
 * In milliseconds. Enough for setups that the engine begins a few at a time, and not enough to miss a zone of the same
 * program: after it has made one, the AWS provider waits ten to thirty seconds before it first asks whether that has
 * ended (terraform-provider-aws, internal/service/route53/wait.go, of which Pulumi's is made).
 */
const keptMs = 5_000;

interface Listed {
	readonly at: number;
	readonly start: ZoneCursor;
	readonly zones: readonly HostedZone[];
	/** Undefined at the end of the listing. */
	readonly next: ZoneCursor | undefined;
}

/** What was seen of an account's zones a moment ago. */
export class RecentZones {
	#pages: Listed[] = [];

	constructor(private readonly clock: Pick<Clock, "now">) {}

	/** Takes a page of the listing, that was asked for at a time. */
	add(at: number, start: ZoneCursor, page: { items: readonly HostedZone[]; next?: ZoneCursor }): void {
		this.#pages = [...this.#young(), { at, start, zones: page.items, next: page.next }];
	}

	/** Every zone with one of these names; undefined where that is not known for each of them. */
	named(names: readonly string[]): HostedZone[] | undefined {
		const pages = this.#young();
		const found: HostedZone[] = [];
		for (const name of names) {
			const page = pages.findLast((each) => hasAll(each, name));
			if (!page) return;
			found.push(...page.zones.filter((zone) => canonicalName(zone.name) === canonicalName(name)));
		}
		return found;
	}

	#young(): Listed[] {
		const now = this.clock.now();
		return this.#pages.filter(({ at }) => now - at < keptMs);
	}
}

/** Whether all zones of a name would stand in this page. Those of one name may go on over the end of a page. */
function hasAll({ start, next }: Listed, name: string): boolean {
	const order = compareNames(start.name, name);
	const isBegun = order < 0 || (order === 0 && start.zoneId === undefined);
	return isBegun && (next === undefined || compareNames(name, next.name) < 0);
}
