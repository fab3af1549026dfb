import { createLookups } from "../../dns/index.js";
import { Registrar } from "../../sandbox/dns/registrar.js";
import { canonicalName } from "../../sandbox/route53/names.js";
import type { ResourceRecordSet } from "../../sandbox/route53/record-sets.js";
import { recordSetKey } from "../../sandbox/route53/record-sets.js";
import { type HostedZone, HostedZones, nameServerDomain } from "../../sandbox/route53/zones.js";
import { MemoryRoute53 } from "../provider/hosts/route53/memory-route53.js";
import { ChannelsModel } from "./channels-model.js";
import { SimulatedClock } from "./clock.js";
import { givenServer, Internet } from "./internet.js";
import type { Random } from "./random.js";
import { SesModel } from "./ses-model.js";
import { sesResolver } from "./ses-resolver.js";
import type { Setups } from "./setups.js";

/** Everything outside the provider: Route 53, DNS, and the Channels API with SES behind it. */
export class Environment {
	readonly clock = new SimulatedClock();
	readonly registrar = new Registrar();
	readonly zones: HostedZones;
	readonly route53: MemoryRoute53;
	readonly internet: Internet;
	readonly api: ChannelsModel;
	/** Where the API is the one in the provider. */
	readonly ses: SesModel | undefined;
	/** The label of a setup's MAIL FROM domain, where the API is the one in the provider. */
	readonly mailFrom: string | null;
	readonly dmarcPolicy: "none" | "quarantine";
	#keys = 0;

	constructor(
		readonly random: Random,
		{
			dmarcPolicy = random.pick(["none", "quarantine"]),
			mailFromAfterMs,
			isEmbedded = false,
		}: {
			dmarcPolicy?: "none" | "quarantine";
			mailFromAfterMs?: number | undefined;
			isEmbedded?: boolean;
		} = {},
	) {
		// AWS: a change is everywhere within 60 seconds, as a rule.
		const insyncMs = random.weighted([2, 0], [2, 2_000], [3, 20_000], [1, 70_000]);
		this.zones = new HostedZones(
			this.clock,
			() => random.integer(0, insyncMs),
			this.registrar,
			(below) => random.integer(0, below - 1),
		);
		this.route53 = new MemoryRoute53(this.clock, this.zones);
		this.internet = new Internet(this.clock, this.zones, this.registrar);
		const resolver = this.internet.resolver();
		const seen = this.internet.resolver();
		const slowest = random.weighted([3, 300], [1, 5_000]);
		this.dmarcPolicy = dmarcPolicy;
		this.api = new ChannelsModel({
			clock: this.clock,
			random: random.fork(),
			dmarcPolicy: this.dmarcPolicy,
			mailFromAt: mailFromAfterMs === undefined ? undefined : this.clock.now() + mailFromAfterMs,
			aheadMs: random.weighted([3, 0], [1, random.integer(-3_600_000, 3_600_000)]),
			workMs: () => random.integer(1, slowest),
			lookups: createLookups({
				servers: [givenServer],
				ask: (name, type, { server }) => this.internet.ask(seen, name, type, server),
			}),
			cname: sesResolver(resolver).cname,
		});
		this.ses = isEmbedded
			? new SesModel({
					clock: this.clock,
					random: random.fork(),
					resolver: sesResolver(resolver),
					dmarcPolicy,
					associationLagMs: random.pick([0, 3_000]),
					readLagMs: random.pick([0, 0, 1_500]),
				})
			: undefined;
		this.mailFrom = isEmbedded && random.chance(0.5) ? "bounce" : null;
	}

	/** Where setups are. */
	get setups(): Setups {
		return this.ses ?? this.api;
	}

	/** Of a create. They need not be random, and so change nothing of what lives draw. */
	newKey(): string {
		this.#keys += 1;
		return `00000000-0000-4000-8000-${this.#keys.toString(16).padStart(12, "0")}`;
	}

	createZone(name: string): HostedZone {
		const number = this.zones.all().length;
		const { zone } = this.zones.create({
			name: canonicalName(name),
			account: "000000000000",
			callerReference: `${number}`,
			// Fewer than Route 53's four, so that a life is over sooner.
			nameServers: [1, 2].map((server) => `ns-${2 * number + server}.${nameServerDomain}`),
		});
		this.zones.edit(zone.id, []);
		return zone;
	}

	/** What stands in a zone, besides its own NS and SOA. */
	records({ id, name }: HostedZone): ResourceRecordSet[] {
		return [...this.zones.get(id).records.values()].filter(
			(set) => set.Name !== name || (set.Type !== "NS" && set.Type !== "SOA"),
		);
	}

	find(zone: HostedZone, name: string, type: string): ResourceRecordSet | undefined {
		return this.zones.get(zone.id).records.get(recordSetKey(canonicalName(name), type));
	}

	/** Written by somebody else, at once and everywhere. */
	put(zone: HostedZone, set: ResourceRecordSet): void {
		this.zones.edit(zone.id, [{ Action: "UPSERT", ResourceRecordSet: set }]);
	}

	remove(zone: HostedZone, set: ResourceRecordSet): void {
		this.zones.edit(zone.id, [{ Action: "DELETE", ResourceRecordSet: set }]);
	}
}
