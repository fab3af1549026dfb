import type { Answer } from "dns-packet";
import { canonicalName, isWithin } from "../route53/names.js";
import { type RecordSets, type ResourceRecordSet, recordSetKey } from "../route53/record-sets.js";
import { type RecordType, resourceRecord } from "../route53/values.js";
import { nameServerDomain } from "../route53/zones.js";
import type { Registrar, ServedZone } from "./registrar.js";
import { type ZoneAnswer, ZoneView } from "./zone-view.js";

export type ResponseCode = "NOERROR" | "FORMERR" | "SERVFAIL" | "NXDOMAIN" | "NOTIMP" | "REFUSED";

/** The answer to one question, before it is put into a packet. */
export interface Response {
	readonly rcode: ResponseCode;
	/** Whether it is authoritative (AA). */
	readonly authoritative: boolean;
	readonly answers: readonly Answer[];
	readonly authorities: readonly Answer[];
	/** The message ends in the middle. */
	readonly cut?: boolean;
}

/** How a server sees the zones. */
export interface Viewpoint {
	/** Zones as they were published by then, in milliseconds since the epoch. */
	readonly time: number;
	/** Answers only for the zones of these name servers, and from their own records; default: for all that is live. */
	readonly nameServers?: readonly string[];
}

/** Where the walk down the delegations ends for a name. */
type Place =
	| { kind: "zone"; zone: ServedZone; view: ZoneView; delegation: ResourceRecordSet }
	/** Delegated to servers none of which serves a zone of that name here. */
	| { kind: "lame"; delegation: ResourceRecordSet; within: ServedZone | undefined };

const longestChain = 8;
/** The TTL with which registries delegate. */
const registryTtl = 172_800;
const aliasTtl = 60;

/** Answers from the hosted zones that are live: found from the registrar's delegations downwards. */
export class Authority {
	constructor(
		private readonly zones: () => readonly ServedZone[],
		private readonly registrar: Registrar,
	) {}

	/** @param name as in the question, escaped as Route 53 does it; the answer's owner is spelled alike */
	resolve(name: string, type: string, viewpoint: Viewpoint): Response {
		return this.#resolve(canonicalName(name), name, type, viewpoint, longestChain);
	}

	#resolve(name: string, spelled: string, type: string, viewpoint: Viewpoint, hops: number): Response {
		const answers: Answer[] = [];
		let owner = name;
		for (let hop = 0; hop < hops; hop += 1) {
			const place = this.#locate(owner, viewpoint);
			const end = (
				rcode: ResponseCode,
				authorities: readonly Answer[] = [],
				authoritative = true,
			): Response => ({
				rcode,
				authoritative: authoritative || answers.length > 0,
				answers,
				authorities,
			});
			// A CNAME that leads out of what is served here is answered as it is.
			if (!place) return hop > 0 ? end("NOERROR") : end("REFUSED", [], false);
			const shown = hop === 0 ? `${spelled}.` : owner;
			const answer = this.#answerAt(place, owner, type, viewpoint);
			switch (answer.kind) {
				case "lame":
					return end("SERVFAIL", [], false);
				case "referral":
					return end("NOERROR", recordsOf(answer.cut, answer.cut.Name), false);
				case "found":
					answers.push(...this.#expand(answer.set, shown, viewpoint, hops - 1));
					return answers.length > 0
						? end("NOERROR")
						: end("NOERROR", place.kind === "zone" ? soaOf(place) : []);
				case "nodata":
				case "nxdomain":
					return end(
						answer.kind === "nodata" ? "NOERROR" : "NXDOMAIN",
						place.kind === "zone" ? soaOf(place) : [],
					);
				case "cname": {
					answers.push(...recordsOf(answer.set, shown));
					const target = answer.set.ResourceRecords?.[0]?.Value;
					if (target === undefined) return end("NOERROR");
					owner = canonicalName(target);
				}
			}
		}
		return { rcode: "SERVFAIL", authoritative: false, answers: [], authorities: [] };
	}

	#answerAt(place: Place, name: string, type: string, viewpoint: Viewpoint): ZoneAnswer | { kind: "lame" } {
		// Whoever asks here for name servers wants to know the delegation, which a server that knows all zones can tell.
		const asksDelegation = type === "NS" && name === place.delegation.Name && !viewpoint.nameServers;
		if (asksDelegation) return { kind: "found", set: place.delegation };
		if (place.kind === "zone") return place.view.lookup(name, type);
		return place.within ? { kind: "referral", cut: place.delegation } : { kind: "lame" };
	}

	/** The records of a set, an alias followed to what it stands for. */
	#expand(set: ResourceRecordSet, owner: string, viewpoint: Viewpoint, hops: number): Answer[] {
		if (!set.AliasTarget) return recordsOf(set, owner);
		const target = canonicalName(set.AliasTarget.DNSName);
		return this.#resolve(target, target, set.Type, viewpoint, hops)
			.answers.filter((answer) => answer.type === set.Type)
			.map((answer) => ({ ...answer, name: owner.slice(0, -1), ttl: aliasTtl }) as Answer);
	}

	#locate(name: string, viewpoint: Viewpoint): Place | undefined {
		if (viewpoint.nameServers) return this.#locateOwn(name, viewpoint);
		const registered = this.registrar.registered(name);
		if (!registered) return undefined;
		let delegation: ResourceRecordSet = {
			Name: registered.name,
			Type: "NS",
			TTL: registryTtl,
			ResourceRecords: registered.nameServers.map((host) => ({ Value: `${host}.` })),
		};
		let within: ServedZone | undefined;
		for (;;) {
			const zone = this.#liveZone(delegation);
			if (!zone) return { kind: "lame", delegation, within };
			const view = ZoneView.of(zone.name, zone.publishedAt(viewpoint.time));
			const cut = view.cutAbove(name);
			if (!cut) return { kind: "zone", zone, view, delegation };
			delegation = cut;
			within = zone;
		}
	}

	/** As a single name server does it, which knows its own zones alone. */
	#locateOwn(name: string, { nameServers = [], time }: Viewpoint): Place | undefined {
		const zone = this.zones()
			.filter((candidate) => !candidate.isPrivate && isWithin(name, candidate.name))
			.filter((candidate) => candidate.nameServers.some((host) => nameServers.includes(host)))
			.sort((a, b) => b.name.length - a.name.length)[0];
		if (!zone) return undefined;
		const view = ZoneView.of(zone.name, zone.publishedAt(time));
		const delegation = view.at(zone.name, "NS") ?? { Name: zone.name, Type: "NS" };
		return { kind: "zone", zone, view, delegation };
	}

	/** The public zone of that name which the delegated servers serve. */
	#liveZone(delegation: ResourceRecordSet): ServedZone | undefined {
		const hosts = new Set(delegation.ResourceRecords?.map(({ Value }) => canonicalName(Value)));
		return [nameServerZone, ...this.zones()].find(
			(zone) =>
				!zone.isPrivate &&
				zone.name === delegation.Name &&
				zone.nameServers.some((host) => hosts.has(canonicalName(host))),
		);
	}
}

/** The records of a set as answers owned by `owner` (with a trailing dot). */
function recordsOf(set: ResourceRecordSet, owner: string): Answer[] {
	return (set.ResourceRecords ?? []).flatMap(
		({ Value }) => resourceRecord(owner, set.Type as RecordType, set.TTL ?? 0, Value) ?? [],
	);
}

/** The SOA that goes with a "no": its TTL is how long the "no" may be remembered (RFC 2308, 3). */
function soaOf({ zone, view }: { zone: ServedZone; view: ZoneView }): Answer[] {
	const set = view.at(zone.name, "SOA");
	return set
		? recordsOf(set, zone.name).map((soa) =>
				soa.type === "SOA" ? { ...soa, ttl: Math.min(soa.ttl ?? 0, soa.data.minimum ?? 0) } : soa,
			)
		: [];
}

/** The zone of the name servers' own names: all of them are on loopback. */
const nameServerZone: ServedZone = {
	name: `${nameServerDomain}.`,
	nameServers: [`ns.${nameServerDomain}`],
	isPrivate: false,
	publishedAt: () => nameServerRecords,
};

const nameServerRecords: RecordSets = new Map(
	(
		[
			["", "NS", `ns.${nameServerDomain}.`],
			["", "SOA", `ns.${nameServerDomain}. hostmaster.${nameServerDomain}. 1 7200 900 1209600 86400`],
			["\\052.", "A", "127.0.0.1"],
		] as const
	).map(([label, type, value]) => {
		const name = `${label}${nameServerDomain}.`;
		const set: ResourceRecordSet = { Name: name, Type: type, TTL: 900, ResourceRecords: [{ Value: value }] };
		return [recordSetKey(name, type), set];
	}),
);
