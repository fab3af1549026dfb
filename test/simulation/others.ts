import { canonicalName, contains, isDmarc, isSpf, isWithin, joinTxt, sameValue } from "../../dns/index.js";
import type { Change } from "../../provider/core/hosts/route53/changes.js";
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
	/** What of theirs we have replaced, and are to put back in the end. */
	replaced: string[];
	ttl: number | undefined;
	/** Nobody can say any more what must stand there: both sides have changed it, and were allowed to. */
	contested: boolean;
	/** Somebody has changed ours there since a refresh has looked. */
	unseen: boolean;
}

/** Why values of others may be taken away: `replaced` ones come back in the end. */
export type Leave = "replaced" | "taken" | undefined;

/** Everybody else who writes in the zones, and what is theirs there. */
export class Others {
	readonly #holdings = new Map<string, Map<string, Holding>>();
	/** Routed sets and aliases, of which nothing may be lost. */
	readonly #fixtures: { readonly zone: HostedZone; readonly set: ResourceRecordSet }[] = [];

	constructor(
		private readonly environment: Environment,
		private readonly random: Random,
	) {}

	/** Whether a value is one that the setups ask for, as far as it tells that by itself. */
	isOurs(type: string, value: string): boolean {
		if (type === "CNAME") return /\.dkim\.amazonses\.com\.?$/.test(value);
		if (type === "MX") return /^10 (?:inbound|feedback)-smtp\./.test(value);
		if (type === "TXT" && sameValue("TXT", value, '"v=spf1 include:amazonses.com ~all"')) return true;
		return type === "TXT" && sameValue("TXT", value, `"v=DMARC1; p=${this.environment.dmarcPolicy}"`);
	}

	/** Whether a value that a setup asks for stands there without us. */
	has(zone: HostedZone, name: string, type: string, value: string): boolean {
		return contains(type, this.#at(zone.id, name, type)?.values ?? [], value);
	}

	/** Whether anything stands at a name, or anybody else has ever written there. */
	hasBeenAt(zone: HostedZone, name: string): boolean {
		return (
			this.#all(zone.id).some((holding) => holding.name === name) ||
			this.environment.records(zone).some((set) => canonicalName(set.Name) === name)
		);
	}

	/** Whether somebody has changed ours there. */
	isContested(zoneId: string, name: string, type: string): boolean {
		return this.#at(zoneId, name, type)?.contested === true;
	}

	/** Adds values of theirs, beside what stands there, where that is possible. */
	add(zone: HostedZone, name: string, type: RecordType, values: readonly string[], ttl = 600): void {
		const standing = this.environment.find(zone, name, type);
		const known = valuesOf(standing);
		const added = values.filter((value) => !contains(type, known, value));
		if (added.length === 0 || !this.#isPossible(zone, name, type)) return;
		this.#touch(zone.id, name);
		const whole = { Name: `${name}.`, Type: type, TTL: standing?.TTL ?? ttl };
		this.environment.put(zone, withValues(whole, [...known, ...added]));
		const holding = this.#holding(zone.id, name, type);
		holding.values.push(...added);
		holding.ttl = whole.TTL;
	}

	/** Puts up a routed set or an alias, where that is possible. */
	fix(zone: HostedZone, set: ResourceRecordSet): void {
		if (!this.#isPossible(zone, canonicalName(set.Name), set.Type)) return;
		if (this.environment.find(zone, set.Name, set.Type)) return;
		this.environment.put(zone, set);
		this.#fixtures.push({ zone, set });
	}

	/** Takes back something of theirs. @returns what */
	withdraw(zone: HostedZone): string {
		const holding = this.#all(zone.id).find(({ values }) => values.length > 0);
		const standing = holding && this.environment.find(zone, holding.name, holding.type);
		if (!holding || !standing) return "nothing";
		this.#touch(zone.id, holding.name);
		this.#leave(
			zone,
			standing,
			valuesOf(standing).filter((value) => !contains(holding.type, holding.values, value)),
		);
		holding.values = [];
		return `${holding.type} ${holding.name}`;
	}

	/** Meddles with what is not theirs: takes it away, puts something else in its place, or changes its TTL. */
	meddle(zone: HostedZone, set: ResourceRecordSet): void {
		const name = canonicalName(set.Name);
		this.#touch(zone.id, name);
		const holding = this.#holding(zone.id, name, set.Type);
		holding.contested = true;
		const kept = valuesOf(set).filter((value) => contains(set.Type, holding.values, value));
		// What competes in the place of a value that was taken away passes for a change of it, and goes when it is put back.
		holding.values = holding.values.filter((value) => !competes(name, set.Type, value));
		const how = this.random.weighted([2, "remove"], [2, "replace"], [1, "ttl"]);
		if (how === "ttl") this.environment.put(zone, { ...set, TTL: (set.TTL ?? 300) + 60 });
		else {
			const rival = how === "replace" ? rivalOf(name, set.Type) : [];
			this.#leave(zone, set, [...new Set([...kept, ...rival])]);
		}
		const isOther = JSON.stringify(this.environment.find(zone, name, set.Type)) !== JSON.stringify(set);
		holding.unseen ||= isOther;
	}

	/** Removes what competes with ours at a name, as somebody does who was told that it is in the way. */
	clear(zone: HostedZone, name: string): void {
		this.#touch(zone.id, name);
		for (const set of this.environment.records(zone)) {
			if (canonicalName(set.Name) !== name) continue;
			const isFixture = this.#loosen(zone, set);
			const isInTheWay = (value: string) => !this.isOurs(set.Type, value) && competes(name, set.Type, value);
			if (!isFixture && !valuesOf(set).some(isInTheWay)) continue;
			const rest = isFixture ? [] : valuesOf(set).filter((value) => !isInTheWay(value));
			this.#leave(zone, set, rest);
			const holding = this.#holding(zone.id, name, set.Type);
			holding.values = holding.values.filter((value) => rest.includes(value));
			holding.contested = true;
		}
	}

	/**
	 * Leaves to who adopts a setup what is exactly as that asks for: it is theirs from then on. What its former owner has
	 * replaced there, they do not know.
	 */
	yieldTo(zone: HostedZone, domain: string): void {
		for (const holding of this.#all(zone.id)) {
			const isConcerned =
				holding.name === domain ||
				holding.name === `_dmarc.${domain}` ||
				isWithin(holding.name, `_domainkey.${domain}`);
			const isTaken =
				holding.replaced.length > 0 || holding.values.some((value) => this.isOurs(holding.type, value));
			if (isConcerned && isTaken) holding.contested = true;
		}
		for (const { set } of this.#fixtures.filter((each) => each.zone === zone))
			if ([`${domain}.`, `_dmarc.${domain}.`].includes(set.Name)) this.#loosen(zone, set);
	}

	/** A refresh has looked at these sets. */
	see(zoneId: string, sets: readonly { name: string; type: string }[]): void {
		for (const { name, type } of sets) {
			const holding = this.#at(zoneId, name, type);
			if (holding) holding.unseen = false;
		}
	}

	/** Whether a change puts back what somebody has changed, and no refresh has seen. */
	isUnseen(zoneId: string, { action, set }: Change): boolean {
		const isOurs = set.values.some((value) => this.isOurs(set.type, value));
		return action === "CREATE" && isOurs && this.#at(zoneId, set.name, set.type)?.unseen === true;
	}

	/** Forgets what was in a zone that is gone. */
	forget(zone: HostedZone): void {
		this.#holdings.delete(zone.id);
		for (const { set } of this.#fixtures.filter((each) => each.zone === zone)) this.#loosen(zone, set);
	}

	/**
	 * To be told of a change of ours.
	 * @param leave whether what stands at a name may be taken away.
	 * @throws Violation
	 */
	notice(zoneId: string, changes: readonly Change[], leave: (name: string, type: string) => Leave): void {
		for (const { action, set } of changes) {
			const holding = this.#at(zoneId, set.name, set.type);
			if (!holding) continue;
			if (action === "CREATE") {
				holding.unseen = false;
				const back = holding.replaced.filter((value) => contains(set.type, set.values, value));
				holding.values.push(...back);
				holding.replaced = holding.replaced.filter((value) => !back.includes(value));
				continue;
			}
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
			const may = leave(set.name, set.type);
			if (lost.length > 0 && may === undefined)
				throw new Violation(`${set.type} ${set.name}: ${lost.join(", ")} of others is lost`);
			holding.values = holding.values.filter((value) => !lost.includes(value));
			if (may === "replaced") holding.replaced.push(...lost);
			else if (lost.length > 0) holding.contested = true;
			if (instead && !holding.contested && holding.values.length > 0 && instead.ttl !== holding.ttl)
				throw new Violation(
					`${set.type} ${set.name}: the TTL of others is ${instead.ttl} instead of ${holding.ttl}`,
				);
		}
	}

	/**
	 * @param end where all of ours is gone, so that what we had replaced is to be back: whether people know that it is not.
	 * @throws Violation where something of theirs is missing.
	 */
	check(zone: HostedZone, end?: { isKnownToBeLost(type: string, name: string): boolean }): void {
		for (const { name, type, values, replaced, ttl, contested } of this.#all(zone.id)) {
			const due = end && !end.isKnownToBeLost(type, name) ? [...values, ...replaced] : values;
			if (contested || due.length === 0) continue;
			const set = this.environment.find(zone, name, type);
			const missing = due.filter((value) => !valuesOf(set).includes(value));
			if (missing.length > 0)
				throw new Violation(`${type} ${name}: ${missing.join(", ")} of others is missing`);
			if (set?.TTL !== ttl)
				throw new Violation(`${type} ${name}: the TTL of others is ${set?.TTL} instead of ${ttl}`);
		}
		if (!end) return;
		for (const { set } of this.#fixtures.filter((each) => each.zone === zone)) {
			if (!this.#stands(zone, set))
				throw new Violation(`${set.Type} ${set.Name} (routed) of others is missing`);
		}
	}

	#isPossible(zone: HostedZone, name: string, type: RecordType): boolean {
		if (!isWithin(name, zone.name)) return false;
		const sets = this.environment.records(zone).filter((set) => canonicalName(set.Name) === name);
		if (sets.some((set) => set.Type === type && (set.SetIdentifier || set.AliasTarget))) return false;
		return type === "CNAME" ? sets.length === 0 : sets.every((set) => set.Type !== "CNAME");
	}

	/** A fixture need not stand any more. @returns whether it was one */
	#loosen(zone: HostedZone, set: ResourceRecordSet): boolean {
		const index = this.#fixtures.findIndex(
			(each) => each.zone === zone && each.set.Name === set.Name && each.set.Type === set.Type,
		);
		if (index >= 0) this.#fixtures.splice(index, 1);
		return index >= 0;
	}

	#leave(zone: HostedZone, set: ResourceRecordSet, values: readonly string[]): void {
		this.environment.remove(zone, set);
		if (values.length > 0) this.environment.put(zone, withValues(set, values));
	}

	/** What we have replaced at a name need not come back once somebody else has written there. */
	#touch(zoneId: string, name: string): void {
		for (const holding of this.#all(zoneId))
			if (holding.name === name && holding.replaced.length > 0) holding.contested = true;
		for (const { zone, set } of [...this.#fixtures])
			if (zone.id === zoneId && canonicalName(set.Name) === name && !this.#stands(zone, set))
				this.#loosen(zone, set);
	}

	#stands(zone: HostedZone, set: ResourceRecordSet): boolean {
		const text = JSON.stringify(sorted(set));
		return this.environment.records(zone).some((each) => JSON.stringify(sorted(each)) === text);
	}

	#all(zoneId: string): Holding[] {
		return [...(this.#holdings.get(zoneId)?.values() ?? [])];
	}

	#at(zoneId: string, name: string, type: string): Holding | undefined {
		return this.#holdings.get(zoneId)?.get(keyOf(name, type));
	}

	#holding(zoneId: string, name: string, type: string): Holding {
		const ofZone = this.#holdings.get(zoneId) ?? new Map<string, Holding>();
		this.#holdings.set(zoneId, ofZone);
		const known = ofZone.get(keyOf(name, type));
		if (known) return known;
		const made = { name, type, values: [], replaced: [], ttl: undefined, contested: false, unseen: false };
		ofZone.set(keyOf(name, type), made);
		return made;
	}
}

const keyOf = (name: string, type: string) => `${canonicalName(name)} ${type}`;

const valuesOf = (set: ResourceRecordSet | undefined) =>
	(set?.ResourceRecords ?? []).map(({ Value }) => Value);

const withValues = (set: ResourceRecordSet, values: readonly string[]): ResourceRecordSet => ({
	...set,
	ResourceRecords: values.map((Value) => ({ Value })),
});

const sorted = (set: object) => Object.entries(set).sort(([a], [b]) => (a < b ? -1 : 1));

/** What would compete with a record of ours. */
export function rivalOf(name: string, type: string): string[] {
	if (type === "MX") return ["20 mx.else.test"];
	if (type === "CNAME") return ["else.test"];
	if (name.startsWith("bounce.")) return ['"v=spf1 include:else.test -all"'];
	return name.startsWith("_dmarc.") ? ['"v=DMARC1; p=reject; rua=mailto:d@else.test"'] : [];
}

const competes = (name: string, type: string, value: string) =>
	type === "MX" ||
	type === "CNAME" ||
	(name.startsWith("_dmarc.")
		? isDmarc(joinTxt(value))
		: name.startsWith("bounce.") && isSpf(joinTxt(value)));
