/** What the program of this run has declared: the engine tells a provider about one resource at a time. */
import { canonicalName, type RecordSet } from "../../dns/index.js";
import type { ArgumentProblem } from "../arguments/checks.js";
import type { RecordKind } from "../arguments/inputs.js";
import { hasUnknown } from "../arguments/unknown.js";
import type { Clock } from "./clock.js";
import {
	desiredSets,
	type RecordsInputs,
	type RecordsOutputs,
	resolveRoute53,
	type SetupInputs,
	type SetupOutputs,
} from "./inputs.js";

/** How long nothing may be declared until that counts as all, and how long that is waited for at most. */
const quietMs = 1_000;
const longestMs = 60_000;

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
	readonly #declared = new Map<string, Declared>();
	readonly #staying = new Map<string, Declared>();
	readonly #leaving = new Set<string>();
	#contradiction: string | undefined;
	/** How often something was declared or compared. */
	#moves = 0;
	#comparisons = 0;
	/** After how many of them nothing more came. */
	#quietAt: number | undefined;

	/**
	 * To be told of every check: a refresh compares as well, but only what a program declares is checked.
	 *
	 * @returns what of it could never be had, because of what was declared before.
	 */
	declares(urn: string | undefined, declared: Declared): ArgumentProblem[] {
		if (urn === undefined) return [];
		this.#declared.set(urn, declared);
		this.#moves += 1;
		const problems = declared.kind === "SesSetup" ? this.#torn(urn, declared.inputs as SetupInputs) : [];
		const [problem] = problems;
		this.#contradiction ??= problem && `${problem.property} ${problem.reason}`;
		return problems;
	}

	/** Why all that the program declares can never be had; undefined where it can. */
	get contradiction(): string | undefined {
		return this.#contradiction;
	}

	/** Whether the program declares it: in a refresh nothing is. */
	isDeclared(urn: string | undefined): boolean {
		return urn !== undefined && this.#declared.has(urn);
	}

	stays(urn: string | undefined, declared: Declared): void {
		if (urn !== undefined && this.isDeclared(urn)) this.#staying.set(urn, declared);
	}

	/** Does a comparison. The engine makes one at a time, so what comes after it in the program is not declared before. */
	async compares<T>(work: () => Promise<T>): Promise<T> {
		this.#comparisons += 1;
		try {
			return await work();
		} finally {
			this.#comparisons -= 1;
			this.#moves += 1;
		}
	}

	/**
	 * Waits until the program has declared nothing more for a moment, or some time is over. What is replaced is deleted
	 * before the engine has heard of all that the program declares.
	 */
	async untilDeclared({ clock, stop }: { clock: Clock; stop: AbortSignal }): Promise<void> {
		for (let left = longestMs; left > 0 && this.#quietAt !== this.#moves; left -= quietMs) {
			const moves = this.#moves;
			await clock.sleep(quietMs, stop);
			if (this.#comparisons === 0 && this.#moves === moves) this.#quietAt = moves;
		}
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
	heirOfSetup(id: string, olds: SetupOutputs): string | undefined {
		return this.#ofKind("SesSetup").find(([, declared]) => {
			const inputs = declared.inputs as SetupInputs;
			const isSame = inputs.tenantName === olds.tenantName && isSameDomain(inputs, olds.domainIdentity);
			return isSame && (declared.id ?? id) === id;
		})?.[0];
	}

	/** A resource that has another setup of this domain from now on, as far as its state knows: only one of the two can be. */
	rivalOfSetup(id: string, domain: string): { urn: string; id: string } | undefined {
		for (const [urn, { id: other, inputs }] of this.#ofKind("SesSetup"))
			if (other !== undefined && other !== id && isSameDomain(inputs as SetupInputs, domain))
				return { urn, id: other };
		return undefined;
	}

	/**
	 * The resource that has the records of this setup in this zone from now on, or the setup that is about to declare
	 * them: with a replacement the engine deletes before it has heard of all children. And which of them it has.
	 */
	heirOfRecords({
		setupId,
		zoneId,
	}: Pick<RecordsOutputs, "setupId" | "zoneId">): { urn: string; kinds: readonly RecordKind[] } | undefined {
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

	/** A tenant and a domain belong to one setup, so two that share only one of them cannot both be. */
	#torn(urn: string, inputs: SetupInputs): ArgumentProblem[] {
		if (hasUnknown([inputs.tenantName, inputs.domainIdentity])) return [];
		for (const [other, declared] of this.#declared) {
			if (other === urn || declared.kind !== "SesSetup") continue;
			const { tenantName, domainIdentity } = declared.inputs as SetupInputs;
			if (hasUnknown([tenantName, domainIdentity])) continue;
			const isSameTenant = tenantName === inputs.tenantName;
			if (isSameTenant === isSameDomain(inputs, domainIdentity)) continue;
			return [
				isSameTenant
					? {
							property: "tenantName",
							reason:
								`${JSON.stringify(tenantName)} is declared by ${nameOf(other)} of this program already, with the domain ` +
								`${domainIdentity}: a tenant has one domain. Give each domain a tenant of its own`,
						}
					: {
							property: "domainIdentity",
							reason:
								`${JSON.stringify(domainIdentity)} is declared by ${nameOf(other)} of this program already, with the tenant ` +
								`${tenantName}: a domain has one tenant. Declare it once`,
						},
			];
		}
		return [];
	}

	#ofKind(kind: Declared["kind"]): [string, Declared][] {
		return [...this.#staying].filter(([, declared]) => declared.kind === kind);
	}
}

const isSameDomain = ({ domainIdentity }: SetupInputs, domain: string) =>
	canonicalName(domainIdentity) === canonicalName(domain);

/** A resource's name, as people know it, in its URN. */
export const nameOf = (urn: string): string => urn.slice(urn.lastIndexOf("::") + 2);
