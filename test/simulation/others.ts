import { canonicalName, contains, isDmarc, isWithin, joinTxt, sameValue } from "../../dns/index.js";
import type { Change } from "../../provider/core/route53/sets.js";
import type { ResourceRecordSet } from "../../sandbox/route53/record-sets.js";
import type { RecordType } from "../../sandbox/route53/values.js";
import type { HostedZone } from "../../sandbox/route53/zones.js";
import type { Environment } from "./environment.js";
import type { Random } from "./random.js";
import { Violation } from "./violation.js";

/** What others have at a name, of one type. */
interface Holding {
	readonly name: string;
	readonly type: string;
	values: string[];
	ttl: number | undefined;
	/** Nobody can say any more what must stand there: both sides have changed it, and were allowed to. */
	contested: boolean;
}

/** Everybody else who writes in the zones, and what is theirs there. */
export class Others {
	readonly #holdings = new Map<string, Map<string, Holding>>();

	constructor(
		private readonly environment: Environment,
		private readonly random: Random,
	) {}

	/** Whether a value is one that the setups ask for, as far as it tells that by itself. */
	isOurs(type: string, value: string): boolean {
		if (type === "CNAME") return /\.dkim\.amazonses\.com\.?$/.test(value);
		if (type === "MX") return /^10 inbound-smtp\./.test(value);
		return type === "TXT" && sameValue("TXT", value, `"v=DMARC1; p=${this.environment.dmarcPolicy}"`);
	}

	holdings(zone: HostedZone): Holding[] {
		return [...(this.#holdings.get(zone.id)?.values() ?? [])];
	}

	at(zoneId: string, name: string, type: string): Holding | undefined {
		return this.#holdings.get(zoneId)?.get(keyOf(name, type));
	}

	/** Adds values of theirs, beside what stands there, where that is possible. */
	add(zone: HostedZone, name: string, type: RecordType, values: readonly string[], ttl = 600): void {
		const standing = this.environment.find(zone, name, type);
		const known = (standing?.ResourceRecords ?? []).map(({ Value }) => Value);
		const added = values.filter((value) => !contains(type, known, value));
		if (added.length === 0 || !isWithin(name, zone.name) || this.#isBlocked(zone, name, type)) return;
		const set: ResourceRecordSet = {
			Name: `${name}.`,
			Type: type,
			TTL: standing?.TTL ?? ttl,
			ResourceRecords: [...known, ...added].map((Value) => ({ Value })),
		};
		this.environment.put(zone, set);
		const holding = this.at(zone.id, name, type);
		const all = [...(holding?.values ?? []), ...added];
		this.#hold(zone.id, { name, type, values: all, ttl: set.TTL, contested: holding?.contested ?? false });
	}

	/** Takes back what is theirs at a name. */
	withdraw(zone: HostedZone, name: string, type: string): void {
		const holding = this.at(zone.id, name, type);
		const standing = this.environment.find(zone, name, type);
		this.#holdings.get(zone.id)?.delete(keyOf(name, type));
		if (!holding || !standing) return;
		const rest = (standing.ResourceRecords ?? []).filter(
			({ Value }) => !contains(type, holding.values, Value),
		);
		this.environment.remove(zone, standing);
		if (rest.length > 0) this.environment.put(zone, { ...standing, ResourceRecords: rest });
	}

	/** Meddles with what is not theirs: takes it away, puts something else in its place, or changes its TTL. */
	meddle(zone: HostedZone, set: ResourceRecordSet): void {
		const { Name, Type } = set;
		const name = canonicalName(Name);
		const holding = this.at(zone.id, name, Type);
		const theirs = holding?.values ?? [];
		const values = (set.ResourceRecords ?? []).map(({ Value }) => Value);
		const kept = values.filter((value) => contains(Type, theirs, value));
		// What competes in the place of a value that was taken away passes for a change of it, and goes when it is put back.
		if (holding) {
			holding.values = holding.values.filter((value) => !competes(name, Type, value));
			holding.contested = true;
		}
		const instead = this.random.weighted([2, "nothing"], [2, "another"], [1, "ttl"]);
		if (instead === "ttl") {
			this.environment.put(zone, { ...set, TTL: (set.TTL ?? 300) + 60 });
			this.#contest(zone.id, name, Type);
			return;
		}
		this.environment.remove(zone, set);
		const rival = instead === "another" ? rivalOf(name, Type) : [];
		const left = [...new Set([...kept, ...rival])];
		if (left.length > 0)
			this.environment.put(zone, { ...set, ResourceRecords: left.map((Value) => ({ Value })) });
		this.#contest(zone.id, name, Type);
	}

	/** Leaves to who adopts a setup what is exactly as that asks for: it is theirs from then on. */
	yieldTo(zone: HostedZone, domain: string): void {
		for (const holding of this.holdings(zone)) {
			const isConcerned =
				holding.name === domain ||
				holding.name === `_dmarc.${domain}` ||
				isWithin(holding.name, `_domainkey.${domain}`);
			if (isConcerned && holding.values.some((value) => this.isOurs(holding.type, value)))
				holding.contested = true;
		}
	}

	/** Whether a value that a setup asks for stands there without us. */
	has(zone: HostedZone, name: string, type: string, value: string): boolean {
		return contains(type, this.at(zone.id, name, type)?.values ?? [], value);
	}

	/** Removes everything that is not ours at a name, as somebody does who was told that it is in the way. */
	clear(zone: HostedZone, name: string): void {
		for (const set of this.environment.records(zone)) {
			if (canonicalName(set.Name) !== name) continue;
			const foreign = (set.ResourceRecords ?? []).filter(({ Value }) => !this.isOurs(set.Type, Value));
			const inTheWay = set.Type === "CNAME" || foreign.some(({ Value }) => competes(name, set.Type, Value));
			if (!inTheWay) continue;
			const rest = (set.ResourceRecords ?? []).filter(
				({ Value }) => !foreign.some((each) => each.Value === Value && competes(name, set.Type, Value)),
			);
			this.environment.remove(zone, set);
			if (rest.length > 0 && set.Type !== "CNAME")
				this.environment.put(zone, { ...set, ResourceRecords: rest });
			const holding = this.at(zone.id, name, set.Type);
			if (holding) {
				holding.values = holding.values.filter((value) => rest.some(({ Value }) => Value === value));
				holding.contested = true;
			}
		}
	}

	/**
	 * To be told of a change of ours.
	 * @param mayReplace whether what stands at a name may be replaced.
	 * @throws Violation
	 */
	notice(
		zoneId: string,
		changes: readonly Change[],
		mayReplace: (name: string, type: string) => boolean,
	): void {
		for (const { action, set } of changes) {
			if (action !== "DELETE") continue;
			const holding = this.at(zoneId, set.name, set.type);
			if (!holding) continue;
			const instead = changes.find(
				(each) => each.action === "CREATE" && each.set.name === set.name && each.set.type === set.type,
			)?.set;
			const lost = holding.values.filter(
				(value) =>
					contains(set.type, set.values, value) &&
					!contains(set.type, instead?.values ?? [], value) &&
					// It is theirs no longer for certain.
					!(holding.contested && this.isOurs(set.type, value)),
			);
			if (lost.length > 0 && !mayReplace(set.name, set.type)) {
				throw new Violation(`${set.type} ${set.name}: ${lost.join(", ")} of others is lost`);
			}
			if (lost.length > 0) holding.contested = true;
			if (instead && !holding.contested && holding.values.length > 0 && instead.ttl !== holding.ttl)
				throw new Violation(
					`${set.type} ${set.name}: the TTL of others is ${instead.ttl} instead of ${holding.ttl}`,
				);
		}
	}

	/** @throws Violation where something of theirs is missing. */
	check(zone: HostedZone): void {
		for (const { name, type, values, ttl, contested } of this.holdings(zone)) {
			if (contested || values.length === 0) continue;
			const set = this.environment.find(zone, name, type);
			const standing = (set?.ResourceRecords ?? []).map(({ Value }) => Value);
			const missing = values.filter((value) => !standing.includes(value));
			if (missing.length > 0)
				throw new Violation(`${type} ${name}: ${missing.join(", ")} of others is missing`);
			if (set?.TTL !== ttl)
				throw new Violation(`${type} ${name}: the TTL of others is ${set?.TTL} instead of ${ttl}`);
		}
	}

	#isBlocked(zone: HostedZone, name: string, type: RecordType): boolean {
		const types = this.environment
			.records(zone)
			.filter((set) => canonicalName(set.Name) === name)
			.map((set) => set.Type);
		return type === "CNAME" ? types.length > 0 : types.includes("CNAME");
	}

	#contest(zoneId: string, name: string, type: string): void {
		const holding = this.at(zoneId, name, type);
		this.#hold(zoneId, {
			...(holding ?? { name, type, values: [], ttl: undefined }),
			contested: true,
		});
	}

	#hold(zoneId: string, holding: Holding): void {
		const ofZone = this.#holdings.get(zoneId) ?? new Map<string, Holding>();
		this.#holdings.set(zoneId, ofZone);
		ofZone.set(keyOf(holding.name, holding.type), holding);
	}
}

const keyOf = (name: string, type: string) => `${canonicalName(name)} ${type}`;

/** What would compete with a record of ours. */
export function rivalOf(name: string, type: string): string[] {
	if (type === "MX") return ["20 mx.else.test"];
	if (type === "CNAME") return ["else.test"];
	return name.startsWith("_dmarc.") ? ['"v=DMARC1; p=reject; rua=mailto:d@else.test"'] : [];
}

const competes = (name: string, type: string, value: string) =>
	type === "MX" || type === "CNAME" || (name.startsWith("_dmarc.") && isDmarc(joinTxt(value)));
