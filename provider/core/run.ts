/** What the program of this run has declared: the engine tells a provider about one resource at a time. */
import { canonicalName, type RecordSet } from "../../dns/index.js";
import type { RecordKind } from "../arguments/inputs.js";
import {
	desiredSets,
	type RecordsInputs,
	type RecordsOutputs,
	resolveRoute53,
	type SetupInputs,
	type SetupOutputs,
} from "./inputs.js";

export interface Declared {
	readonly kind: "SesSetup" | "Route53Records" | "Verification";
	readonly inputs: object;
	/** Undefined while it is being made. */
	id?: string;
}

/**
 * Remembers, by URN, what goes on existing. The engine compares everything that the program declares, and makes what
 * is new, before it deletes what the program no longer declares. So a delete can ask here whether what it would take
 * away belongs to another resource by now: after a rename without an alias, a move into a component, or when one of
 * two resources of the same setup goes.
 *
 * A destroy declares nothing, and so nothing stands in its way.
 */
export class Run {
	readonly #declared = new Set<string>();
	readonly #staying = new Map<string, Declared>();
	readonly #leaving = new Set<string>();

	/** To be told of every check: a refresh compares as well, but only what a program declares is checked. */
	declares(urn: string | undefined): void {
		if (urn !== undefined) this.#declared.add(urn);
	}

	stays(urn: string | undefined, declared: Declared): void {
		if (urn !== undefined && this.#declared.has(urn)) this.#staying.set(urn, declared);
	}

	/** It is replaced. */
	goes(urn: string | undefined, id: string): void {
		this.#leaving.add(id);
		if (urn !== undefined) this.#staying.delete(urn);
	}

	/** Whether the object with this id is replaced in this run. */
	isLeaving(id: string): boolean {
		return this.#leaving.has(id);
	}

	/**
	 * The resource that has the setup of these names from now on. What is to be deleted is never among what stays,
	 * under whatever URN: its own may be one of before a rename by alias.
	 */
	heirOfSetup(olds: SetupOutputs): string | undefined {
		const domain = canonicalName(olds.domainIdentity);
		return this.#ofKind("SesSetup").find(([, { inputs }]) => {
			const { tenantName, domainIdentity } = inputs as SetupInputs;
			return tenantName === olds.tenantName && canonicalName(domainIdentity) === domain;
		})?.[0];
	}

	/**
	 * The resource that has the records of this setup in this zone from now on, or the setup that is about to declare
	 * them: with a replacement the engine deletes before it has heard of all children. And which of them it has.
	 */
	heirOfRecords({
		setupId,
		zoneId,
	}: RecordsOutputs): { urn: string; kinds: readonly RecordKind[] } | undefined {
		const published = this.#ofKind("Route53Records").flatMap(([urn, { inputs }]) => {
			const { zone, ...records } = inputs as RecordsInputs;
			return records.setupId === setupId ? [{ urn, zone, args: resolveRoute53(records) }] : [];
		});
		const toCome = this.#ofKind("SesSetup").flatMap(([urn, { id, inputs }]) => {
			const { route53 } = inputs as SetupInputs;
			return id === setupId && route53 ? [{ urn, zone: undefined, args: resolveRoute53(route53) }] : [];
		});
		const heir = (published.length > 0 ? published : toCome).find(
			({ zone, args }) => (zone?.id ?? args.zoneId ?? zoneId) === zoneId,
		);
		return heir && { urn: heir.urn, kinds: heir.args.records };
	}

	/** The resources that publish in a zone from now on, of whatever setups, and what. */
	publishersIn(zoneId: string): { urn: string; sets: RecordSet[] }[] {
		return this.#ofKind("Route53Records").flatMap(([urn, { inputs }]) => {
			const records = inputs as RecordsInputs;
			const args = resolveRoute53(records);
			const isThere = (records.zone?.id ?? args.zoneId) === zoneId;
			return isThere ? [{ urn, sets: desiredSets(records.dnsRecords, args) }] : [];
		});
	}

	/** Whether the setup with this id is known to go on existing, whatever becomes of its records. */
	keepsSetup(id: string): boolean {
		return [...this.#staying.values()].some((each) => each.kind === "SesSetup" && each.id === id);
	}

	#ofKind(kind: Declared["kind"]): [string, Declared][] {
		return [...this.#staying].filter(([, declared]) => declared.kind === kind);
	}
}

/** A resource's name, as people know it, in its URN. */
export const nameOf = (urn: string): string => urn.slice(urn.lastIndexOf("::") + 2);
