import { canonicalName, hasValue } from "../../../dns/index.js";
import type { ArgumentProblem } from "../../arguments/checks.js";
import { conflictingNames } from "../../arguments/conflicting-names.js";
import { type DesiredSet, desiredSets } from "../../arguments/record-kinds.js";
import { hasUnknown } from "../../arguments/unknown.js";
import {
	domainOf,
	type RecordsInputs,
	type RecordsOutputs,
	type ResolvedRoute53Args,
	resolveRoute53,
	type SetupInputs,
	type SetupOutputs,
} from "../inputs.js";
import type { Claim } from "../records/plan.js";

export interface Declared {
	readonly kind: "SesSetup" | "Route53Records" | "Verification";
	readonly inputs: object;
	/** Undefined while it is being made. */
	id?: string;
}

/**
 * What the program of this run declares and keeps, by URN: the engine tells a provider about one resource at a time. It
 * compares what the program declares, and makes what is new, before it deletes what the program no longer declares. So a
 * delete can ask here whether another resource has by now what it would take down: after a rename without an alias, a move
 * into a component, or when one of two resources of the same setup goes.
 *
 * A destroy declares nothing, and so nothing stands in its way.
 */
export class Claims {
	readonly #declared = new Map<string, Declared>();
	readonly #kept = new Map<string, Declared>();
	readonly #replaced = new Set<string>();

	/**
	 * To be told of every check: a refresh compares as well, but only what a program declares is checked.
	 *
	 * @returns what conflicts with what was declared before.
	 */
	declare(urn: string | undefined, declared: Declared): ArgumentProblem[] {
		if (urn === undefined) return [];
		this.#declared.set(urn, declared);
		if (declared.kind !== "SesSetup") return [];
		const others = [...this.#declared].filter(([other, { kind }]) => other !== urn && kind === "SesSetup");
		return conflictingNames(
			declared.inputs as SetupInputs,
			others.map(([other, { inputs }]) => ({ ...(inputs as SetupInputs), name: nameOf(other) })),
		);
	}

	/** Whether the program declares it: in a refresh nothing is. */
	isDeclared(urn: string | undefined): boolean {
		return urn !== undefined && this.#declared.has(urn);
	}

	keep(urn: string | undefined, declared: Declared): void {
		if (urn !== undefined && this.isDeclared(urn)) this.#kept.set(urn, declared);
	}

	replace(urn: string | undefined, id: string): void {
		this.#replaced.add(id);
		if (urn !== undefined) this.#kept.delete(urn);
	}

	/** Whether the object with this id is replaced in this run. */
	isReplaced(id: string): boolean {
		return this.#replaced.has(id);
	}

	/** Whether the setup with this id is known to go on existing, whatever becomes of its records. */
	keepsSetup(id: string): boolean {
		return this.#ofKind("SesSetup").some(([, each]) => each.id === id);
	}

	/**
	 * The resource that has the setup of these names from now on. What is to be deleted is never among what is kept, under
	 * whatever URN: its own may be one of before a rename by alias.
	 */
	successorOf(id: string, olds: SetupOutputs): string | undefined {
		return this.#ofKind("SesSetup").find(([, declared]) => {
			const inputs = declared.inputs as SetupInputs;
			const isSame = inputs.tenantName === olds.tenantName && isSameDomain(inputs, olds.domainIdentity);
			return isSame && (declared.id ?? id) === id;
		})?.[0];
	}

	/** What other resources of this run publish or hold in a zone, seen from the records of a setup. */
	inZone({ setupId, zoneId }: Pick<RecordsOutputs, "setupId" | "zoneId">, except?: string): Claim[] {
		const published = this.#ofKind("Route53Records").map(([urn, { inputs }]) =>
			publisherOf(urn, inputs as RecordsInputs, setupId),
		);
		// The engine deletes what is replaced before it has heard of all children of what stays.
		const isPublished = published.some(({ isOfSetup }) => isOfSetup);
		const announced = this.#ofKind("SesSetup").flatMap(([urn, { id, inputs }]) => {
			const { route53 } = inputs as SetupInputs;
			return !isPublished && id === setupId && route53 ? [ownerOf(urn, resolveRoute53(route53))] : [];
		});
		return [...published, ...announced].filter(
			(claim) => claim.urn !== except && (claim.zoneId ?? (claim.isOfSetup && zoneId)) === zoneId,
		);
	}

	#ofKind(kind: Declared["kind"]): [string, Declared][] {
		return [...this.#kept].filter(([, declared]) => declared.kind === kind);
	}
}

type ZoneClaim = Claim & { readonly zoneId: string | undefined };

/** Who has the records of the setup itself has them whatever their values are. */
const ownerOf = (urn: string, { zoneId, records }: ResolvedRoute53Args): ZoneClaim => ({
	...{ urn, zoneId, isOfSetup: true },
	holds: ({ kind }) => records.includes(kind),
});

function publisherOf(urn: string, { zone, ...inputs }: RecordsInputs, setupId: string): ZoneClaim {
	const zoneId = zone?.id ?? resolveRoute53(inputs).zoneId;
	if (inputs.setupId === setupId) return ownerOf(urn, { ...resolveRoute53(inputs), zoneId });
	// Each publication asks for the claims of all others, and of few what they publish.
	let sets: DesiredSet[] | undefined;
	const holds: Claim["holds"] = (place, value) => {
		sets ??= hasUnknown(inputs)
			? []
			: desiredSets(inputs.dnsRecords, domainOf(inputs), resolveRoute53(inputs));
		return sets.some((set) => set.name === place.name && set.type === place.type && hasValue(set, value));
	};
	return { urn, zoneId, isOfSetup: false, holds };
}

const isSameDomain = ({ domainIdentity }: SetupInputs, domain: string) =>
	canonicalName(domainIdentity) === canonicalName(domain);

/** A resource's name, as people know it, in its URN. */
export const nameOf = (urn: string): string => urn.slice(urn.lastIndexOf("::") + 2);
