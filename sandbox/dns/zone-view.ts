import { isWithin, parentName } from "../route53/names.js";
import { policyOf, type RecordSets, type ResourceRecordSet } from "../route53/record-sets.js";

/** What a zone says about a name and a type. */
export type ZoneAnswer =
	| { readonly kind: "found"; readonly set: ResourceRecordSet }
	| { readonly kind: "cname"; readonly set: ResourceRecordSet }
	/** An NS record set between the apex and the name: another zone's matter. */
	| { readonly kind: "referral"; readonly cut: ResourceRecordSet }
	| { readonly kind: "nodata" }
	| { readonly kind: "nxdomain" };

type SetsByType = ReadonlyMap<string, readonly ResourceRecordSet[]>;

const views = new WeakMap<RecordSets, ZoneView>();

/** One state of a zone, indexed by name to be answered from (RFC 1034, 4.3.2; wildcards RFC 4592). */
export class ZoneView {
	readonly #byName = new Map<string, Map<string, ResourceRecordSet[]>>();
	/** Names that exist: owners and the empty non-terminals above them. */
	readonly #existing = new Set<string>();

	constructor(
		/** The apex, in stored form. */
		private readonly apex: string,
		records: RecordSets,
	) {
		for (const set of records.values()) {
			const types = this.#byName.get(set.Name) ?? new Map<string, ResourceRecordSet[]>();
			this.#byName.set(set.Name, types);
			types.set(set.Type, [...(types.get(set.Type) ?? []), set]);
			for (const name of this.#upTo(set.Name)) {
				// Where a name is known, those above it are too.
				if (this.#existing.has(name)) break;
				this.#existing.add(name);
			}
		}
	}

	static of(apex: string, records: RecordSets): ZoneView {
		const view = views.get(records) ?? new ZoneView(apex, records);
		views.set(records, view);
		return view;
	}

	/** The record set of a type at exactly this name, whatever delegations lie above. */
	at(name: string, type: string): ResourceRecordSet | undefined {
		return served(this.#byName.get(name)?.get(type) ?? []);
	}

	/** The NS record set nearest to the apex, below it and at or above `name`. */
	cutAbove(name: string): ResourceRecordSet | undefined {
		return this.#upTo(name)
			.reverse()
			.filter((level) => level !== this.apex)
			.map((level) => this.at(level, "NS"))
			.find((set) => set !== undefined);
	}

	lookup(name: string, type: string): ZoneAnswer {
		const cut = this.cutAbove(name);
		// A DS record belongs to the parent's side of the cut (RFC 4035, 3.1.4.1).
		if (cut && !(type === "DS" && cut.Name === name)) return { kind: "referral", cut };
		const exact = this.#byName.get(name);
		if (exact) return answerFrom(exact, type);
		if (this.#existing.has(name)) return { kind: "nodata" };
		const encloser = this.#upTo(name).find((level) => this.#existing.has(level));
		const wildcard = encloser === undefined ? undefined : this.#byName.get(`\\052.${encloser}`);
		return wildcard ? answerFrom(wildcard, type) : { kind: "nxdomain" };
	}

	/** `name` and the names above it up to the apex. */
	#upTo(name: string): string[] {
		const names: string[] = [];
		for (let level = name; isWithin(level, this.apex); level = parentName(level)) {
			names.push(level);
			if (level === this.apex) break;
		}
		return names;
	}
}

function answerFrom(types: SetsByType, type: string): ZoneAnswer {
	const cname = served(types.get("CNAME") ?? []);
	if (cname && type !== "CNAME") return { kind: "cname", set: cname };
	const set = served(types.get(type) ?? []);
	return set ? { kind: "found", set } : { kind: "nodata" };
}

/**
 * The set that is answered where a routing policy has several. The sandbox has no health, place or chance: the
 * heaviest of weighted sets, the primary of failover sets, all of multivalue ones, else the first by identifier.
 */
function served(sets: readonly ResourceRecordSet[]): ResourceRecordSet | undefined {
	const ordered = [...sets].sort((a, b) => ((a.SetIdentifier ?? "") < (b.SetIdentifier ?? "") ? -1 : 1));
	const [first] = ordered;
	if (!first || ordered.length === 1) return first;
	switch (policyOf(first)) {
		case "weighted":
			return ordered.reduce((best, set) => ((set.Weight ?? 0) > (best.Weight ?? 0) ? set : best));
		case "failover":
			return ordered.find((set) => set.Failover === "PRIMARY") ?? first;
		case "multivalue answer":
			return { ...first, ResourceRecords: ordered.flatMap((set) => set.ResourceRecords ?? []) };
		default:
			return first;
	}
}
